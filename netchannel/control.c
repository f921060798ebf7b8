// SPDX-License-Identifier: GPL-2.0
#include "control.h"
#include "address.h"

#define ORDER_MAX	31

/* A field counts with all its bits or not at all. */
static bool is_mask32(__be32 mask)
{
	return !mask || mask == htonl(~0U);
}

static bool is_mask16(__be16 mask)
{
	return !mask || mask == htons(0xffff);
}

static int check_masks(const struct netchannel_control_flow *mask)
{
	if (!is_mask32(mask->saddr) || !is_mask32(mask->daddr) ||
	    !is_mask16(mask->sport) || !is_mask16(mask->dport) || mask->proto != 0xff)
		return -EINVAL;
	/* a remote is both or none */
	return !mask->saddr == !mask->sport ? 0 : -EINVAL;
}

static bool is_reserved_zero(const struct netchannel_control *c)
{
	const struct netchannel_control_flow *d = &c->unc.data, *m = &c->unc.mask;

	return !(d->reserved[0] | d->reserved[1] | d->reserved[2] |
		 m->reserved[0] | m->reserved[1] | m->reserved[2] |
		 c->unc.reserved[0] | c->unc.reserved[1] | c->unc.reserved[2]);
}

int netchannel_control_parse(const struct netchannel_control *c,
			     struct netchannel_create *r)
{
	const struct netchannel_control_flow *data = &c->unc.data, *mask = &c->unc.mask;
	u8 order = c->unc.memory_limit_order;

	if (check_masks(mask) || !is_reserved_zero(c) || c->unc.prio || c->flags ||
	    order > ORDER_MAX || c->unc.type != NETCHANNEL_TYPE_COPY)
		return -EINVAL;
	*r = (struct netchannel_create){
		.size = sizeof(*r),
		.type = NETCHANNEL_TYPE_COPY,
		.format = NETCHANNEL_FORMAT_PACKET,
		.protocol = data->proto,
		.rx_bytes = order ? 1U << order : 0,
	};
	netchannel_addr_set_ipv4(&r->local, mask->daddr ? data->daddr : 0,
				 mask->dport ? data->dport : 0);
	if (mask->saddr)
		netchannel_addr_set_ipv4(&r->remote, data->saddr, data->sport);
	return 0;
}
