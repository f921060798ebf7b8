// SPDX-License-Identifier: GPL-2.0
#include "access.h"

#define PAGE_BYTES	4096

void kvm_access_begin(struct kvm_access *access)
{
	access->known = 0;
	kvm_access_again(access);
}

void kvm_access_again(struct kvm_access *access)
{
	access->replayed = 0;
	access->waiting = false;
	access->nr_stores = 0;
	access->sent = 0;
}

/* The pieces of [linear, linear + size), translated; how many, or an errno. */
static int cut(struct kvm_access *access, u64 linear, int size, bool write,
	       struct kvm_piece *pieces)
{
	int count = 0, done, part, ret;
	u64 gpa = 0;

	for (done = 0; done < size; done += part) {
		u64 at = linear + done;
		int room = PAGE_BYTES - (at & (PAGE_BYTES - 1));

		if (!done || room == PAGE_BYTES) {
			ret = access->ops->translate(access->context, at, write,
						     &gpa, &access->fault);
			if (ret)
				return ret;
		}
		part = size - done < room ? size - done : room;
		if (part > KVM_PIECE_BYTES)
			part = KVM_PIECE_BYTES;
		pieces[count].gpa = gpa;
		pieces[count].linear = at;
		pieces[count++].size = part;
		gpa += part;
	}
	return count;
}

/* One piece of a device: from what was answered, or else asked. */
static int replay(struct kvm_access *access, const struct kvm_piece *piece, u8 *data)
{
	struct kvm_piece *next = &access->reads[access->replayed];

	if (access->replayed == KVM_PIECES_MAX)
		return -ENOBUFS;
	if (access->replayed < access->known && next->gpa == piece->gpa &&
	    next->size == piece->size) {
		memcpy(data, next->data, piece->size);
		access->replayed++;
		return 0;
	}
	/* New, or the guest has changed its mind since: the rest is stale. */
	*next = *piece;
	access->known = access->replayed;
	access->waiting = true;
	return -EAGAIN;
}

/*
 * The common case, an operand that is a device's alone, without looking anew at where
 * it is: that was seen when it was asked for.
 */
static bool replay_whole(struct kvm_access *access, u64 linear, void *data, int size)
{
	const struct kvm_piece *next = &access->reads[access->replayed];

	if (access->replayed >= access->known || !next->whole_read ||
	    next->linear != linear || next->size != size)
		return false;
	memcpy(data, next->data, size);
	access->replayed++;
	return true;
}

static bool all_memory(struct kvm_access *access, const struct kvm_piece *pieces, int count,
		       bool write)
{
	int i;

	for (i = 0; i < count; i++) {
		if (!access->ops->is_memory(access->context, pieces[i].gpa, write))
			return false;
	}
	return true;
}

/* Apart, for the stack that it needs is cleared at each call. */
static noinline int read_pieces(struct kvm_access *access, u64 linear, u8 *to, int size,
				bool write)
{
	struct kvm_piece pieces[KVM_PIECES_MAX] = { };
	int i, ret, count = cut(access, linear, size, write, pieces);

	if (count < 0)
		return count;
	if (write && all_memory(access, pieces, count, write))
		return -ESTALE;
	for (i = 0; i < count; i++) {
		pieces[i].whole_read = !write && count == 1;
		if (access->ops->is_memory(access->context, pieces[i].gpa, false))
			ret = access->ops->read(access->context, pieces[i].gpa, to,
						pieces[i].size);
		else
			ret = replay(access, &pieces[i], to);
		if (ret)
			return ret;
		to += pieces[i].size;
	}
	return 0;
}

int kvm_access_read(struct kvm_access *access, u64 linear, void *data, int size,
		    bool write)
{
	if (!write && replay_whole(access, linear, data, size))
		return 0;
	return read_pieces(access, linear, data, size, write);
}

int kvm_access_store(struct kvm_access *access, u64 linear, const void *data,
		     int size)
{
	struct kvm_piece pieces[KVM_PIECES_MAX] = { };
	int count = cut(access, linear, size, true, pieces);
	const u8 *from = data;
	int i;

	if (count < 0)
		return count;
	if (access->nr_stores + count > KVM_PIECES_MAX)
		return -ENOBUFS;
	for (i = 0; i < count; i++) {
		memcpy(pieces[i].data, from, pieces[i].size);
		from += pieces[i].size;
		access->stores[access->nr_stores++] = pieces[i];
	}
	return 0;
}

int kvm_access_commit(struct kvm_access *access)
{
	int i, kept = 0, ret;

	for (i = 0; i < access->nr_stores; i++) {
		const struct kvm_piece *store = &access->stores[i];

		if (!access->ops->is_memory(access->context, store->gpa, true)) {
			access->stores[kept++] = *store;
			continue;
		}
		ret = access->ops->write(access->context, store->gpa, store->data,
					 store->size);
		if (ret)
			return ret;
	}
	access->nr_stores = kept;
	return 0;
}

void kvm_access_answer(struct kvm_access *access, const void *data)
{
	struct kvm_piece *read = &access->reads[access->known];

	memcpy(read->data, data, read->size);
	access->known++;
	access->waiting = false;
}

const struct kvm_piece *kvm_access_next_store(struct kvm_access *access)
{
	if (access->sent == access->nr_stores)
		return NULL;
	return &access->stores[access->sent++];
}
