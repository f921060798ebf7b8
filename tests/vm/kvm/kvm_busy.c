// SPDX-License-Identifier: GPL-2.0
/* No kind of open descriptor lets the module go: EBUSY... */
#include <sys/syscall.h>

#include "kvm.h"

static void must_stay(const char *why)
{
	if (syscall(SYS_delete_module, "devkvm", O_NONBLOCK) == 0)
		die("unloaded beneath %s", why);
	/* the reference count of a module in use: EWOULDBLOCK */
	equal(errno, EWOULDBLOCK);
	printf("ok: stays for %s\n", why);
}

int main(void)
{
	int node = kvm_node(), vm, vcpu;
	void *run;

	must_stay("an open node");
	vm = must(ioctl(node, KVM_CREATE_VM, 0));
	close(node);
	must_stay("a virtual machine");
	vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0));
	close(vm);
	must_stay("a virtual CPU");
	run = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		die("mmap");
	close(vcpu);
	must_stay("a mapping of a virtual CPU");
	return 0;
}
