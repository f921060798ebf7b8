// SPDX-License-Identifier: GPL-2.0
#include "effective.h"

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "apply.h"
#include "intersect.h"
#include "world.h"

struct inputs {
	struct regdom_input input[REGDOM_EFFECTIVE_INPUTS];
	const struct regdom_domain *domain[REGDOM_EFFECTIVE_INPUTS];
	unsigned int n;
};

static void add(struct inputs *inputs, enum regdom_layer layer,
		const char *alpha2, const struct regdom_domain *domain)
{
	struct regdom_input *input = &inputs->input[inputs->n];

	input->layer = layer;
	input->domain = domain;
	strscpy(input->alpha2, alpha2, sizeof(input->alpha2));
	inputs->domain[inputs->n++] = domain;
}

/* What the country says of devices of the class of the radio. */
static int add_country(struct inputs *inputs, const struct regdom_db *db,
		       const struct regdom_choice *choice,
		       enum regdom_layer layer, const char *alpha2)
{
	const struct regdom_domain *domain;

	if (!alpha2[0])
		return 0;
	domain = regdom_db_find(db, alpha2, choice->device.device_class);
	if (!domain)
		return -ENOENT;
	add(inputs, layer, alpha2, domain);
	return 0;
}

/* Nobody has set it, so that it may be a country that the database lacks. */
static void add_heard(struct inputs *inputs, const struct regdom_db *db,
		      const struct regdom_choice *choice)
{
	if (strcmp(choice->heard, choice->selected) != 0)
		add_country(inputs, db, choice, REGDOM_LAYER_HEARD, choice->heard);
}

static int add_selected(struct inputs *inputs, const struct regdom_db *db,
			const struct regdom_choice *choice)
{
	if (!choice->is_stock)
		return add_country(inputs, db, choice, REGDOM_LAYER_SELECTED,
				   choice->selected);
	add(inputs, REGDOM_LAYER_SELECTED, choice->selected, regdom_unbounded());
	return 0;
}

static int find_inputs(struct inputs *inputs, const struct regdom_db *db,
		       const struct regdom_choice *choice)
{
	int ret;

	ret = add_selected(inputs, db, choice) ?:
	      add_country(inputs, db, choice, REGDOM_LAYER_CEILING,
			  choice->ceiling) ?:
	      add_country(inputs, db, choice, REGDOM_LAYER_PHY_CEILING,
			  choice->phy_ceiling);
	if (ret)
		return ret;
	add_heard(inputs, db, choice);
	if (choice->driver)
		add(inputs, REGDOM_LAYER_DRIVER, choice->driver->alpha2,
		    &choice->driver->domain);
	return 0;
}

static int intersect(struct regdom_effective *effective,
		     const struct inputs *inputs, unsigned int n_rules)
{
	struct regdom_intersection *result;

	if (inputs->n == 1) {
		effective->domain = inputs->domain[0];
		return 0;
	}
	result = regdom_intersection_place(effective->memory, n_rules);
	effective->domain = &result->domain;
	return regdom_intersect(inputs->domain, inputs->n, result);
}

/* Of the place, the device and the driver of the choice; and of these inputs. */
static struct regdom_effective *create(struct regdom_store *store,
				       const struct regdom_choice *choice,
				       const struct inputs *inputs)
{
	struct regdom_effective *effective;
	unsigned int n_rules = 0;
	size_t bytes = 0;
	int ret;

	if (inputs->n > 1) {
		n_rules = regdom_intersect_count(inputs->domain, inputs->n);
		bytes = regdom_intersection_bytes(n_rules);
	}
	effective = kvzalloc(struct_size(effective, memory,
					 DIV_ROUND_UP(bytes, sizeof(u64))),
			     GFP_KERNEL);
	if (!effective)
		return ERR_PTR(-ENOMEM);
	ret = intersect(effective, inputs, n_rules);
	if (ret && !(ret == -E2BIG && choice->cut)) {
		kvfree(effective);
		return ERR_PTR(ret);
	}
	refcount_set(&effective->users, 1);
	memcpy(effective->inputs, inputs->input, sizeof(inputs->input));
	effective->n_inputs = inputs->n;
	effective->place = choice->place;
	effective->device = choice->device;
	refcount_inc(&store->users);
	effective->store = store;
	effective->driver = regdom_driver_get(choice->driver);
	return effective;
}

struct regdom_effective *
regdom_effective_create(struct regdom_store *store,
			const struct regdom_choice *choice)
{
	struct inputs inputs = { .n = 0 };
	int ret;

	ret = find_inputs(&inputs, &store->db, choice);
	return ret ? ERR_PTR(ret) : create(store, choice, &inputs);
}

/* Neither a driver nor cfg80211 has one for each class. */
static const struct regdom_domain *
domain_for_class(const struct regdom_effective *effective,
		 const struct regdom_input *input, u8 device_class)
{
	if (input->layer == REGDOM_LAYER_DRIVER || input->domain == regdom_unbounded())
		return input->domain;
	return regdom_db_find(&effective->store->db, input->alpha2, device_class);
}

struct regdom_effective *
regdom_effective_for_class(struct regdom_effective *effective, u8 device_class)
{
	struct regdom_choice choice = {
		.driver = effective->driver,
		.cut = true,
		.place = effective->place,
		.device = effective->device,
	};
	struct inputs inputs = { .n = 0 };
	bool differs = false;
	unsigned int i;

	for (i = 0; i < effective->n_inputs; i++) {
		const struct regdom_input *input = &effective->inputs[i];
		const struct regdom_domain *domain =
			domain_for_class(effective, input, device_class);

		differs |= domain != input->domain;
		add(&inputs, input->layer, input->alpha2, domain);
	}
	if (!differs)
		return regdom_effective_get(effective);
	choice.device.device_class = device_class;
	return create(effective->store, &choice, &inputs);
}

const struct regdom_bounds *
regdom_effective_bounds(const struct regdom_effective *effective, unsigned int n)
{
	const struct regdom_intersection *result = (const void *)effective->memory;

	return effective->n_inputs > 1 ? &result->bounds[n] : NULL;
}

struct ieee80211_regdomain *
regdom_effective_rules(const struct regdom_effective *effective)
{
	return regdom_regd_create(effective->inputs[0].alpha2,
				  effective->domain, effective->place,
				  &effective->device);
}

struct ieee80211_regdomain *
regdom_shared_rules(struct regdom_shared_rules *shared,
		    struct regdom_effective *effective)
{
	if (shared->of == effective && shared->rules)
		return shared->rules;
	regdom_shared_rules_end(shared);
	shared->of = regdom_effective_get(effective);
	shared->rules = regdom_effective_rules(effective);
	return shared->rules;
}

void regdom_shared_rules_end(struct regdom_shared_rules *shared)
{
	kfree(shared->rules);
	regdom_effective_put(shared->of);
	*shared = (struct regdom_shared_rules){ };
}

void regdom_effective_put(struct regdom_effective *effective)
{
	if (!effective || !refcount_dec_and_test(&effective->users))
		return;
	regdom_store_put(effective->store);
	regdom_driver_put(effective->driver);
	kvfree_rcu(effective, rcu);
}
