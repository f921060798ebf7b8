// SPDX-License-Identifier: GPL-2.0
/*
 * xfer_to_guest_mode_handle_work() is the one function that does all of it,
 * and on a signal it writes into in-tree KVM's own struct kvm_vcpu. It gets
 * one that nobody reads. This file alone sees that struct, and so must not
 * include our headers, which have another of the same name.
 */
#include "host_work.h"

#include <linux/entry-kvm.h>
#include <linux/kvm_host.h>

/* Shared by all threads: what is written is always the same. */
static struct kvm_run unread_run;
static struct kvm_vcpu unread_vcpu = { .run = &unread_run };

int kvm_host_work(void)
{
	return xfer_to_guest_mode_handle_work(&unread_vcpu);
}
