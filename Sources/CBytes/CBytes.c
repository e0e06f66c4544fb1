#define _GNU_SOURCE
#include "CBytes.h"

#include <fcntl.h>
#include <string.h>

ptrdiff_t cbytes_find(const void *bytes, size_t length, uint8_t byte) {
    const char *hit = length == 0 ? NULL : memchr(bytes, byte, length);
    return hit == NULL ? -1 : hit - (const char *)bytes;
}

ptrdiff_t cbytes_find_sequence(const void *bytes, size_t length, const void *needle, size_t needle_length) {
    if (needle_length == 0) return 0;
    if (length < needle_length) return -1;
    const char *hit = memmem(bytes, length, needle, needle_length);
    return hit == NULL ? -1 : hit - (const char *)bytes;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

// SSE 4.2 has the instruction; every x86-64 server since 2008 does too, but the check is one branch.
__attribute__((target("sse4.2"))) static uint32_t crc32c_hardware(uint32_t crc, const uint8_t *p, size_t n) {
    uint64_t state = crc;
    while (n >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        state = _mm_crc32_u64(state, word);
        p += 8;
        n -= 8;
    }
    while (n-- > 0) state = _mm_crc32_u8((uint32_t)state, *p++);
    return (uint32_t)state;
}
#endif

static uint32_t crc32c_portable(uint32_t crc, const uint8_t *p, size_t n) {
    while (n-- > 0) {
        crc ^= *p++;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1)));
    }
    return crc;
}

uint32_t cbytes_crc32c(uint32_t crc, const void *bytes, size_t length) {
    crc = ~crc;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return ~crc32c_hardware(crc, bytes, length);
#endif
    return ~crc32c_portable(crc, bytes, length);
}

size_t cbytes_iconv(iconv_t descriptor, const char **in, size_t *in_left, char **out, size_t *out_left) {
    return iconv(descriptor, (char **)in, in_left, out, out_left);
}

int cbytes_reserve(int descriptor, off_t offset, off_t length) {
    return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, offset, length);
}
