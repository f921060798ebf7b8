// SPDX-License-Identifier: GPL-2.0
#include "transfer.h"
#include "channel.h"
#include "control.h"
#include "deadline.h"
#include "packet.h"
#include "receive.h"
#include "request.h"
#include "send.h"
#include "user.h"

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/time64.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

/*
 * What is wrong with the request is said first, and takes nothing. first: of a
 * call, which tells what the network has reported.
 */
static int send_one(struct netchannel *ch, const struct netchannel_send *r,
		    const struct netchannel_deadline *deadline, bool first)
{
	struct iov_iter from;
	int ret;

	ret = netchannel_check_send(r, ch->format, netchannel_channel_family(ch),
				    netchannel_has_remote(ch));
	if (ret)
		return ret;
	if (r->len > NETCHANNEL_PACKET_BYTES_MAX)
		return -EMSGSIZE;
	ret = import_ubuf(ITER_SOURCE, u64_to_user_ptr(r->buf), r->len, &from);
	if (!ret && first)
		ret = netchannel_queue_take_error(&ch->rx);
	return ret ?: netchannel_send(ch, &from, deadline, &r->remote);
}

long netchannel_do_send(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_deadline deadline;
	struct netchannel_send r;
	int ret = netchannel_fetch(&r, sizeof(r), NETCHANNEL_SEND_SIZE_0, arg);

	if (ret)
		return ret;
	netchannel_deadline_set(&deadline, file, r.flags & NETCHANNEL_DONTWAIT, r.timeout_ns);
	return send_one(ch, &r, &deadline, true);
}

static int tell_recv(const struct netchannel_recv *r, void __user *arg)
{
	return netchannel_store(arg, r, sizeof(*r), offsetof(struct netchannel_recv, len));
}

static int recv_one(struct netchannel *ch, struct netchannel_recv *r,
		    const struct netchannel_deadline *deadline, void __user *arg)
{
	struct iov_iter to;
	int ret = netchannel_check_recv(r);

	if (ret)
		return ret;
	if (!netchannel_has_queue(ch))
		return -EOPNOTSUPP;
	ret = import_ubuf(ITER_DEST, u64_to_user_ptr(r->buf), r->buf_len, &to);
	if (ret)
		return ret;
	return netchannel_recv(ch, &to, deadline, r, tell_recv, arg);
}

long netchannel_do_recv(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_deadline deadline;
	struct netchannel_recv r;
	int ret = netchannel_fetch(&r, sizeof(r), NETCHANNEL_RECV_SIZE_0, arg);

	if (ret)
		return ret;
	netchannel_deadline_set(&deadline, file, r.flags & NETCHANNEL_DONTWAIT, r.timeout_ns);
	return recv_one(ch, &r, &deadline, arg);
}

static int fetch_vector(struct netchannel_vector *v, void __user *arg)
{
	int ret = netchannel_fetch(v, sizeof(*v), NETCHANNEL_VECTOR_SIZE_0, arg);

	return ret ?: netchannel_check_vector(v);
}

/* *at: the next packet's structure, and when all is well, the one after it. */
static int send_next(struct netchannel *ch, void __user **at,
		     const struct netchannel_deadline *deadline, bool first)
{
	struct netchannel_send r;
	int ret = netchannel_fetch(&r, sizeof(r), NETCHANNEL_SEND_SIZE_0, *at);

	if (ret)
		return ret;
	if (r.flags || r.timeout_ns)
		return -EINVAL;
	*at += r.size;
	return send_one(ch, &r, deadline, first);
}

/* What the network reports after the first packet is for the next call to tell. */
long netchannel_do_sendv(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_deadline deadline;
	struct netchannel_vector v;
	void __user *at;
	u32 done;
	int ret;

	ret = fetch_vector(&v, arg);
	if (ret)
		return ret;
	netchannel_deadline_set(&deadline, file, v.flags & NETCHANNEL_DONTWAIT, v.timeout_ns);
	at = u64_to_user_ptr(v.packets);
	for (done = 0; done < v.count; done++) {
		if (done && READ_ONCE(ch->rx.error))
			break;
		ret = send_next(ch, &at, &deadline, !done);
		if (ret)
			break;
		cond_resched();
	}
	return done ? (long)done : ret;
}

static int recv_next(struct netchannel *ch, void __user **at,
		     const struct netchannel_deadline *deadline)
{
	void __user *packet = *at;
	struct netchannel_recv r;
	int ret = netchannel_fetch(&r, sizeof(r), NETCHANNEL_RECV_SIZE_0, packet);

	if (ret)
		return ret;
	if (r.flags || r.timeout_ns)
		return -EINVAL;
	*at += r.size;
	return recv_one(ch, &r, deadline, packet);
}

/* Waits for the first only. */
long netchannel_do_recvv(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_deadline deadline;
	struct netchannel_vector v;
	void __user *at;
	u32 done;
	int ret;

	ret = fetch_vector(&v, arg);
	if (ret)
		return ret;
	netchannel_deadline_set(&deadline, file, v.flags & NETCHANNEL_DONTWAIT, v.timeout_ns);
	at = u64_to_user_ptr(v.packets);
	for (done = 0; done < v.count; done++) {
		ret = recv_next(ch, &at, done ? NULL : &deadline);
		if (ret)
			break;
		cond_resched();
	}
	return done ? (long)done : ret;
}

/* Where the local address stands that the kernel has chosen. */
static int tell_control_create(const struct netchannel_create *r, void __user *arg)
{
	struct netchannel_control_flow __user *to =
		&((struct netchannel_control __user *)arg)->unc.data;
	__be32 addr;

	memcpy(&addr, r->local.addr, sizeof(addr));
	return put_user(addr, &to->daddr) || put_user(r->local.port, &to->dport) ? -EFAULT : 0;
}

static long control_create(struct netchannel *ch, const struct netchannel_control *c,
			   void __user *arg)
{
	struct netchannel_create r;
	int ret = netchannel_control_parse(c, &r);

	return ret ?: netchannel_create(ch, &r, tell_control_create, arg);
}

/* The packet stands behind the structure. */
static long control_send(struct netchannel *ch, const struct netchannel_control *c,
			 const struct netchannel_deadline *deadline, void __user *arg)
{
	struct iov_iter from;
	int ret;

	ret = import_ubuf(ITER_SOURCE, arg + sizeof(*c), c->len, &from);
	if (ret)
		return ret;
	ret = netchannel_queue_take_error(&ch->rx);
	if (ret)
		return ret;
	ret = netchannel_send(ch, &from, deadline, NULL);
	return ret ?: c->len;
}

static int tell_control_recv(const struct netchannel_recv *r, void __user *arg)
{
	struct netchannel_control __user *to = arg;

	return put_user((u16)min_t(u32, r->len, U16_MAX), &to->len) ? -EFAULT : 0;
}

static long control_recv(struct netchannel *ch, const struct netchannel_control *c,
			 const struct netchannel_deadline *deadline, void __user *arg)
{
	struct netchannel_recv r = { .flags = c->flags };
	struct iov_iter to;
	int ret;

	if (!netchannel_has_queue(ch))
		return -EOPNOTSUPP;
	ret = import_ubuf(ITER_DEST, arg + sizeof(*c), c->len, &to);
	if (ret)
		return ret;
	ret = netchannel_recv(ch, &to, deadline, &r, tell_control_recv, arg);
	return ret ?: min_t(int, r.len, c->len);
}

static long control_transfer(struct netchannel *ch, struct file *file,
			     const struct netchannel_control *c, void __user *arg)
{
	struct netchannel_deadline deadline;
	u32 flags = NETCHANNEL_DONTWAIT;

	if (c->cmd == NETCHANNEL_CONTROL_RECV)
		flags |= NETCHANNEL_PEEK;
	if (c->flags & ~flags)
		return -EINVAL;
	if (!netchannel_is_bound(ch))
		return -ENOTCONN;
	netchannel_deadline_set(&deadline, file, c->flags & NETCHANNEL_DONTWAIT,
				(u64)c->timeout * NSEC_PER_MSEC);
	return c->cmd == NETCHANNEL_CONTROL_SEND ? control_send(ch, c, &deadline, arg) :
						   control_recv(ch, c, &deadline, arg);
}

long netchannel_do_control(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_control c;

	if (copy_from_user(&c, arg, sizeof(c)))
		return -EFAULT;
	switch (c.cmd) {
	case NETCHANNEL_CONTROL_CREATE:
		return control_create(ch, &c, arg);
	case NETCHANNEL_CONTROL_SEND:
	case NETCHANNEL_CONTROL_RECV:
		return control_transfer(ch, file, &c, arg);
	default:
		return -EINVAL;
	}
}
