// The write-ahead log: SQLite computes a checksum for each frame, but compares it only when it recovers the log. We compare
// it whenever a page is read from it, so that nothing else is answered or moved into the database.
//
// A frame's checksum goes on from that of the frame before it, which is read with it.

#include <string.h>

#include "CheckedFile.h"

enum { FRAME = CSQLITEVFS_FRAME_HEADER + CSQLITEVFS_PAGE };

static uint32_t big(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

void csqlitevfs_log_checksum(int is_big_endian, const void *bytes, size_t length, uint32_t sum[2]) {
    uint32_t a = sum[0], b = sum[1];
    const unsigned char *next = bytes, *end = next + length / 8 * 8;
    int swaps = is_big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
    for (; next < end; next += 8) {
        uint32_t words[2];
        memcpy(words, next, 8);
        a += (swaps ? __builtin_bswap32(words[0]) : words[0]) + b;
        b += (swaps ? __builtin_bswap32(words[1]) : words[1]) + a;
    }
    sum[0] = a;
    sum[1] = b;
}

/// Whether the frame's bytes fit its checksum, as far as can be said: what cannot be read is SQLite's to find.
static int is_frame_sound(CheckedFile *file, const void *page, sqlite3_int64 offset) {
    unsigned char header[CSQLITEVFS_FRAME_HEADER], before[8];
    sqlite3_int64 start = offset - CSQLITEVFS_FRAME_HEADER;
    // The checksum is the last of the frame's header; of the first frame, the last of the log's.
    sqlite3_int64 previous = start == CSQLITEVFS_LOG_HEADER ? start - 8 : start - FRAME + 16;
    const sqlite3_io_methods *methods = file->real->pMethods;
    if (methods->xRead(file->real, header, sizeof header, start) != SQLITE_OK) return 1;
    if (methods->xRead(file->real, before, sizeof before, previous) != SQLITE_OK) return 1;
    uint32_t sum[2] = {big(before), big(before + 4)};
    csqlitevfs_log_checksum(file->is_big_endian, header, 8, sum);
    csqlitevfs_log_checksum(file->is_big_endian, page, CSQLITEVFS_PAGE, sum);
    return sum[0] == big(header + 16) && sum[1] == big(header + 20);
}

static int knows_byte_order(CheckedFile *file) {
    unsigned char header[12];
    if (file->real->pMethods->xRead(file->real, header, sizeof header, 0) != SQLITE_OK) return 0;
    file->is_big_endian = big(header) & 1;
    return big(header + 8) == CSQLITEVFS_PAGE;
}

static int read_log(sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset) {
    CheckedFile *file = (CheckedFile *)base;
    int status = file->real->pMethods->xRead(file->real, buffer, amount, offset);
    if (status != SQLITE_OK || amount != CSQLITEVFS_PAGE || offset < CSQLITEVFS_LOG_HEADER) return status;
    sqlite3_int64 frame = (offset - CSQLITEVFS_LOG_HEADER) / FRAME;
    if ((offset - CSQLITEVFS_LOG_HEADER) % FRAME != CSQLITEVFS_FRAME_HEADER || frame >= file->unsettled) return status;
    if (is_frame_sound(file, buffer, offset)) return status;
    // A log from another kind of machine, or with other pages.
    if (!knows_byte_order(file) || is_frame_sound(file, buffer, offset)) return status;
    if (file->owner != NULL) file->owner->damage = (csqlitevfs_damage){.frame = (uint32_t)frame + 1};
    return CSQLITEVFS_DAMAGED;
}

/// Within a transaction that does not fit into memory, SQLite writes a page to its frame a second time, and the checksums from
/// there on at the commit. Until then those frames are unsettled; only this connection can read them.
static int write_log(sqlite3_file *base, const void *buffer, int amount, sqlite3_int64 offset) {
    CheckedFile *file = (CheckedFile *)base;
    if (offset < CSQLITEVFS_LOG_HEADER) {
        file->unsettled = INT64_MAX;
    } else {
        sqlite3_int64 frame = (offset - CSQLITEVFS_LOG_HEADER) / FRAME;
        sqlite3_int64 position = (offset - CSQLITEVFS_LOG_HEADER) % FRAME;
        if (position == 0) {
            if (frame == file->unsettled) file->unsettled += 1;
            file->next = frame;
        } else if (position == CSQLITEVFS_FRAME_HEADER) {
            // Without its header just before, these bytes replace others.
            if (frame != file->next && frame < file->unsettled) file->unsettled = frame;
            file->next = -1;
        }
    }
    return file->real->pMethods->xWrite(file->real, buffer, amount, offset);
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = checked_close,
    .xRead = read_log,
    .xWrite = write_log,
    .xTruncate = checked_truncate,
    .xSync = checked_sync,
    .xFileSize = checked_size,
    .xLock = checked_lock,
    .xUnlock = checked_unlock,
    .xCheckReservedLock = checked_reserved,
    .xFileControl = checked_control,
    .xSectorSize = checked_sector,
    .xDeviceCharacteristics = checked_device,
};

void checked_log_opened(CheckedFile *file, CheckedFile *owner) {
    file->base.pMethods = &methods;
    file->owner = owner;
    file->is_checked = 1;
    file->unsettled = INT64_MAX;
    file->next = -1;
}
