#include <stdlib.h>
#include <uninorm.h>
#include <unictype.h>

/// NFC of UTF-8 text; a new buffer to free, or NULL. (The form itself is an incomplete type, which Swift cannot name.)
static inline uint8_t *unistring_composed(const uint8_t *text, size_t length, size_t *result_length) {
    return u8_normalize(UNINORM_NFC, text, length, NULL, result_length);
}

/// NFKC of UTF-8 text; a new buffer to free, or NULL.
static inline uint8_t *unistring_compatibly_composed(const uint8_t *text, size_t length, size_t *result_length) {
    return u8_normalize(UNINORM_NFKC, text, length, NULL, result_length);
}

/// 1 for a strong left-to-right character, 2 for a strong right-to-left one (R or AL), 0 for any other.
static inline int unistring_direction(uint32_t scalar) {
    switch (uc_bidi_class(scalar)) {
    case UC_BIDI_L: return 1;
    case UC_BIDI_R: case UC_BIDI_AL: return 2;
    default: return 0;
    }
}
