#ifndef MARTLET_CBYTES_H
#define MARTLET_CBYTES_H

#include <iconv.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// First occurrence of `byte` in `length` bytes at `bytes`: its offset, or -1.
ptrdiff_t cbytes_find(const void *bytes, size_t length, uint8_t byte);

/// First occurrence of the bytes `needle` in `bytes`: its offset, or -1. An empty needle is found at 0.
ptrdiff_t cbytes_find_sequence(const void *bytes, size_t length, const void *needle, size_t needle_length);

/// CRC-32C (Castagnoli) of the bytes, continuing from `crc` (0 to begin).
uint32_t cbytes_crc32c(uint32_t crc, const void *bytes, size_t length);

/// iconv(3) with a byte-pointer signature that Swift can call; same results and errno.
size_t cbytes_iconv(iconv_t descriptor, const char **in, size_t *in_left, char **out, size_t *out_left);

/// fallocate(2) with FALLOC_FL_KEEP_SIZE: reserves blocks without changing the file's size. 0 or -1 with errno.
int cbytes_reserve(int descriptor, off_t offset, off_t length);

#endif
