/*
 * The bytes of a denylist page, for denylist_*.c alone. All numbers are
 * little-endian. Every page ends with a CRC-32C over its other bytes and its
 * own page number, so that a page at the wrong place is damage too; every
 * page carries the build number of the file, so that pages of two files can
 * never pass as one.
 *
 * page 0   magic 8, version u32, page size u32, pages u32, name pages u32,
 *          uid pages u32, zero u32, names u64, uids u64, generation u64,
 *          generated u64, issued u64, epoch u32, serial u32, build u64,
 *          salt 16, fleet 16, source 32, zeroes
 * others   kind u32, used u32, next u32 (0: none, else a higher page), home
 *          u32 (first page of the chain), build u64, zero u64, 169 records
 *          of 24 bytes, zeroes
 *
 * The name pages come first, then the uid pages, then overflow pages. The
 * first four bytes of a tag, big-endian, choose the page, so that entries in
 * tag order fill the pages in order.
 */
#ifndef DENYLIST_PAGE_H
#define DENYLIST_PAGE_H

#include <stdint.h>
#include <string.h>

#include "crc32c.h"
#include "denylist.h"

#define PAGE_SIZE 4096
#define PAGE_CRC 4092
#define PAGE_HEAD 32
#define PAGE_RECORDS 169
#define PAGE_HOPS 8		/* overflow pages behind one page */
#define PAGE_VERSION 1
#define PAGE_MAGIC "\x89" "OBD\r\n\x1a\n"
#define PAGE_MAX 0x4000000	/* 256 GiB: far above any list */

/* No login holds a newline, so this entry can never be a person. */
#define PAGE_CANARY "\ncanary\n"

enum page_kind {
	PAGE_NAME = 1,
	PAGE_UID = 2,
};

enum page_at {
	AT_VERSION = 8, AT_SIZE = 12, AT_PAGES = 16, AT_NAME_PAGES = 20,
	AT_UID_PAGES = 24, AT_ZERO = 28, AT_NAMES = 32, AT_UIDS = 40,
	AT_GENERATION = 48, AT_GENERATED = 56, AT_ISSUED = 64, AT_EPOCH = 72,
	AT_SERIAL = 76, AT_BUILD = 80, AT_SALT = 88, AT_FLEET = 104,
	AT_SOURCE = 120, AT_END = 152,

	AT_KIND = 0, AT_USED = 4, AT_NEXT = 8, AT_HOME = 12,
	AT_PAGE_BUILD = 16, AT_PAGE_ZERO = 24,
};

static inline uint32_t
page_u32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static inline uint64_t
page_u64(const uint8_t *p)
{
	return (uint64_t)page_u32(p) | (uint64_t)page_u32(p + 4) << 32;
}

static inline void
page_put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

static inline void
page_put64(uint8_t *p, uint64_t v)
{
	page_put32(p, (uint32_t)v);
	page_put32(p + 4, (uint32_t)(v >> 32));
}

/* The checksum that page NUMBER must end with. */
static inline uint32_t
page_sum(const uint8_t *page, uint32_t number)
{
	uint8_t at[4];

	page_put32(at, number);
	return crc32c_add(crc32c_add(0, page, PAGE_CRC), at, sizeof(at));
}

/* Which of COUNT pages holds this tag, from 0. */
static inline uint32_t
page_bucket(const uint8_t *tag, uint32_t count)
{
	uint32_t top = (uint32_t)tag[0] << 24 | (uint32_t)tag[1] << 16 |
	    (uint32_t)tag[2] << 8 | (uint32_t)tag[3];

	return (uint32_t)((uint64_t)top * count >> 32);
}

/* Reads page NUMBER and checks its sum. Part of denylist_read.c. */
enum denylist_result denylist_page(struct denylist *, uint32_t, uint8_t *);

/* The fields of a bucket or overflow page that must hold for any lookup. */
enum denylist_result denylist_page_check(struct denylist *, uint32_t,
	    const uint8_t *);

/* The entry that every file holds. Part of denylist_read.c. */
enum denylist_result denylist_has_canary(struct denylist *);

#endif
