// SPDX-License-Identifier: GPL-2.0
#include "nbd_netlink.h"

#include <fmt/format.h>
#include <linux/nbd-netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "failure.h"

namespace remote_leg {
namespace {

struct MessageFree {
	void operator()(nl_msg *message) const { nlmsg_free(message); }
};

void check(int error, const char *what)
{
	if (error < 0)
		throw Failure{fmt::format("nbd: {}: {}", what, nl_geterror(error))};
}

class Message {
public:
	Message(int family, std::uint8_t command) : message_{nlmsg_alloc()}
	{
		if (!message_ || !genlmsg_put(message_.get(), NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, 0, command, NBD_GENL_VERSION))
			throw Failure{"nbd: no memory for a message"};
	}

	void add(int attribute, std::uint32_t value) { check(nla_put_u32(message_.get(), attribute, value), "message"); }
	void add(int attribute, std::uint64_t value) { check(nla_put_u64(message_.get(), attribute, value), "message"); }
	void add(int attribute, const std::string &text) { check(nla_put_string(message_.get(), attribute, text.c_str()), "message"); }
	void add_connection(int connection)
	{
		auto *list = nla_nest_start(message_.get(), NBD_ATTR_SOCKETS);
		auto *item = list ? nla_nest_start(message_.get(), NBD_SOCK_ITEM) : nullptr;
		if (!item)
			throw Failure{"nbd: no memory for a message"};
		add(NBD_SOCK_FD, static_cast<std::uint32_t>(connection));
		nla_nest_end(message_.get(), item);
		nla_nest_end(message_.get(), list);
	}
	// And wait for what the kernel says.
	void send(nl_sock *socket, const char *what)
	{
		check(nl_send_auto(socket, message_.get()), what);
		check(nl_wait_for_ack(socket), what);
	}

private:
	std::unique_ptr<nl_msg, MessageFree> message_;
};

int take_number(nl_msg *message, void *place)
{
	nlattr *attributes[NBD_ATTR_MAX + 1];
	if (genlmsg_parse(nlmsg_hdr(message), 0, attributes, NBD_ATTR_MAX, nullptr) == 0 && attributes[NBD_ATTR_INDEX])
		*static_cast<int *>(place) = static_cast<int>(nla_get_u32(attributes[NBD_ATTR_INDEX]));
	return NL_OK;
}

// The kernel gives its connections a timeout of their own for what they send; ours have none until then.
bool is_taken(int connection)
{
	timeval time{};
	socklen_t size = sizeof(time);
	return getsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &time, &size) == 0 && (time.tv_sec || time.tv_usec);
}

} // namespace

void NbdNetlink::Closer::operator()(nl_sock *socket) const
{
	nl_socket_free(socket);
}

NbdNetlink::NbdNetlink() : socket_{nl_socket_alloc()}
{
	if (!socket_)
		throw Failure{"no memory for a netlink socket"};
	check(genl_connect(socket_.get()), "netlink");
	family_ = genl_ctrl_resolve(socket_.get(), NBD_GENL_FAMILY_NAME);
	check(family_, "the kernel has none: modprobe nbd");
}

unsigned NbdNetlink::connect(int connection, const NbdDisk &disk, const Timeouts &timeouts, const std::string &mark)
{
	Message message{family_, NBD_CMD_CONNECT};
	message.add(NBD_ATTR_SIZE_BYTES, disk.bytes);
	message.add(NBD_ATTR_BLOCK_SIZE_BYTES, std::uint64_t{disk.block_bytes});
	message.add(NBD_ATTR_SERVER_FLAGS, std::uint64_t{disk.flags});
	message.add(NBD_ATTR_TIMEOUT, static_cast<std::uint64_t>(timeouts.answer.count()));
	message.add(NBD_ATTR_DEAD_CONN_TIMEOUT, static_cast<std::uint64_t>(timeouts.hold.count()));
	message.add(NBD_ATTR_BACKEND_IDENTIFIER, mark);
	message.add_connection(connection);
	int number = -1;
	check(nl_socket_modify_cb(socket_.get(), NL_CB_VALID, NL_CB_CUSTOM, take_number, &number), "netlink");
	message.send(socket_.get(), "the kernel does not take the connection");
	if (number < 0)
		throw Failure{"nbd: the kernel does not say which disk it is"};
	return static_cast<unsigned>(number);
}

bool NbdNetlink::reconnect(unsigned number, int connection, const std::string &mark)
{
	Message message{family_, NBD_CMD_RECONFIGURE};
	message.add(NBD_ATTR_INDEX, std::uint32_t{number});
	message.add(NBD_ATTR_BACKEND_IDENTIFIER, mark);
	message.add_connection(connection);
	message.send(socket_.get(), "the kernel does not take the new connection");
	return is_taken(connection);
}

void NbdNetlink::disconnect(unsigned number)
{
	Message message{family_, NBD_CMD_DISCONNECT};
	message.add(NBD_ATTR_INDEX, std::uint32_t{number});
	message.send(socket_.get(), "disconnect");
}

} // namespace remote_leg
