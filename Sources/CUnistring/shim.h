#include <stdlib.h>
#include <uninorm.h>

/// NFC of UTF-8 text; a new buffer to free, or NULL. (The form itself is an incomplete type, which Swift cannot name.)
static inline uint8_t *unistring_composed(const uint8_t *text, size_t length, size_t *result_length) {
    return u8_normalize(UNINORM_NFC, text, length, NULL, result_length);
}
