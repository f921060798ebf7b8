// SPDX-License-Identifier: GPL-2.0
#include "db.h"

/* The arrays in the order of their alignment, so that none needs padding. */
size_t regdom_db_bytes(const struct regdom_db_counts *n)
{
	u64 bytes = (u64)n->domains * sizeof(struct regdom_domain) +
		    (u64)n->rules * sizeof(struct regdom_rule) +
		    (u64)n->limits * sizeof(struct regdom_limits) +
		    (u64)n->spans * sizeof(struct regdom_span) +
		    (u64)n->wmms * sizeof(struct regdom_wmm) +
		    (u64)n->countries * sizeof(struct regdom_country) +
		    n->text_bytes;

	return bytes > U32_MAX ? 0 : bytes;
}

void regdom_db_place(struct regdom_db *db, void *mem,
		     const struct regdom_db_counts *n)
{
	*db = (struct regdom_db){ .n = *n };
	db->domains = mem;
	db->rules = (void *)(db->domains + n->domains);
	db->limits = (void *)(db->rules + n->rules);
	db->spans = (void *)(db->limits + n->limits);
	db->wmms = (void *)(db->spans + n->spans);
	db->countries = (void *)(db->wmms + n->wmms);
	db->text = (void *)(db->countries + n->countries);
}

static unsigned int alpha2_key(const char *alpha2)
{
	return (u8)alpha2[0] << 8 | (u8)alpha2[1];
}

void regdom_country_set(struct regdom_country *country, u16 domain)
{
	unsigned int i;

	country->domain = domain;
	for (i = 0; i < REGDOM_CLASSES; i++)
		country->of_class[i] = domain;
}

u16 regdom_country_domain(const struct regdom_country *country, u8 device_class)
{
	unsigned int i;

	for (i = 0; i < REGDOM_CLASSES; i++)
		if (device_class == 1u << i)
			return country->of_class[i];
	return country->domain;
}

u8 regdom_country_classes(const struct regdom_country *country)
{
	unsigned int i;
	u8 classes = 0;

	for (i = 0; i < REGDOM_CLASSES; i++)
		if (country->of_class[i] != country->domain)
			classes |= 1u << i;
	return classes;
}

const struct regdom_country *regdom_db_country(const struct regdom_db *db,
					       const char *alpha2)
{
	unsigned int wanted = alpha2_key(alpha2);
	u32 low = 0, high = db->n.countries;

	while (low < high) {
		u32 middle = low + (high - low) / 2;
		unsigned int key = alpha2_key(db->countries[middle].alpha2);

		if (key == wanted)
			return &db->countries[middle];
		if (key < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct regdom_domain *regdom_db_find(const struct regdom_db *db,
					   const char *alpha2, u8 device_class)
{
	const struct regdom_country *country = regdom_db_country(db, alpha2);

	return country ? &db->domains[regdom_country_domain(country, device_class)] : NULL;
}

static bool is_letter(char c)
{
	return c >= 'A' && c <= 'Z';
}

bool regdom_alpha2_valid(const char *alpha2)
{
	return (is_letter(alpha2[0]) && is_letter(alpha2[1])) ||
	       (alpha2[0] == '0' && alpha2[1] == '0');
}
