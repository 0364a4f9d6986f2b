// SPDX-License-Identifier: GPL-2.0
// Which class speaks which protocol.
#include "iscsi_host.h"
#include "iscsi_target.h"
#include "nbd_host.h"
#include "nbd_target.h"
#include "nvme_host.h"
#include "nvme_target.h"

namespace remote_leg {

std::unique_ptr<Target> make_target(Protocol protocol)
{
	switch (protocol) {
	case Protocol::nvme: return std::make_unique<NvmeTarget>();
	case Protocol::nbd: return std::make_unique<NbdTarget>();
	case Protocol::iscsi: return std::make_unique<IscsiTarget>();
	}
	return nullptr;
}

std::unique_ptr<Host> make_host(Protocol protocol)
{
	switch (protocol) {
	case Protocol::nvme: return std::make_unique<NvmeHost>();
	case Protocol::nbd: return std::make_unique<NbdHost>();
	case Protocol::iscsi: return std::make_unique<IscsiHost>();
	}
	return nullptr;
}

} // namespace remote_leg
