// The database's file: each page ends with its checksum, computed as it is written and compared as it is read.
//
// SQLite reads and writes whole pages, but for the first bytes of page 1, which it also reads with the page. Memory mapping,
// which would go past us, is not offered: it belongs to version 3 of SQLite's file methods, ours are version 2.

#include <string.h>

#include "CBytes.h"
#include "CheckedFile.h"

enum { BODY = CSQLITEVFS_PAGE - CSQLITEVFS_RESERVE };

/// Of the shared memory's numbers, the one that says how many frames are in the database (“nBackfill”).
enum { MOVED = 24 };

static uint32_t big(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put(unsigned char *bytes, uint32_t value) {
    for (int i = 0; i < 4; i++) bytes[i] = (unsigned char)(value >> (24 - 8 * i));
}

uint32_t csqlitevfs_checksum(uint32_t number, const void *page) {
    // The number as the seed: the same bytes elsewhere have another checksum. Zeros must not be sound anywhere.
    return cbytes_crc32c(~number, page, BODY);
}

int csqlitevfs_is_sound(uint32_t number, const void *page) {
    return csqlitevfs_checksum(number, page) == big((const unsigned char *)page + BODY);
}

/// Whether a database that begins with this page says that it has checksums. A few wrong bits are damage, which is to be found,
/// not obeyed.
static int has_checksums(const unsigned char *first) {
    return __builtin_popcount(big(first + 68) ^ CSQLITEVFS_APPLICATION) <= 5;
}

static int read_database(sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset) {
    CheckedFile *file = (CheckedFile *)base;
    int status = file->real->pMethods->xRead(file->real, buffer, amount, offset);
    if (!file->is_checked || amount != CSQLITEVFS_PAGE || offset % CSQLITEVFS_PAGE != 0) return status;
    uint32_t number = (uint32_t)(offset / CSQLITEVFS_PAGE) + 1;
    // Pages that have never been written are in the log or new; SQLite asks the file for neither.
    if (status == SQLITE_IOERR_SHORT_READ ? number == 1 : status != SQLITE_OK) return status;
    if (status == SQLITE_OK && csqlitevfs_is_sound(number, buffer)) return status;
    file->damage = (csqlitevfs_damage){.page = number};
    return CSQLITEVFS_DAMAGED;
}

static int write_database(sqlite3_file *base, const void *buffer, int amount, sqlite3_int64 offset) {
    CheckedFile *file = (CheckedFile *)base;
    const unsigned char *page = buffer;
    if (offset == 0 && !file->is_always_checked) {
        file->is_checked = amount == CSQLITEVFS_PAGE && page[20] == CSQLITEVFS_RESERVE && has_checksums(page);
    }
    if (file->is_checked && amount == CSQLITEVFS_PAGE && offset % CSQLITEVFS_PAGE == 0) {
        memcpy(file->scratch, page, BODY);
        put(file->scratch + BODY, csqlitevfs_checksum((uint32_t)(offset / CSQLITEVFS_PAGE) + 1, page));
        buffer = file->scratch;
    }
    return file->real->pMethods->xWrite(file->real, buffer, amount, offset);
}

/// A checkpoint that readers keep from finishing counts its pages as moved, though they are not synced; the next one syncs them
/// with its own. If that sync fails, the system may have dropped any of them and say so only once. So nothing counts as moved
/// then: all is written from the log again, as after a recovery. The checkpoint that called us holds its lock.
static int sync_database(sqlite3_file *base, int flags) {
    CheckedFile *file = (CheckedFile *)base;
    int status = file->real->pMethods->xSync(file->real, flags);
    if (status != SQLITE_OK && file->shared != NULL) {
        __atomic_store_n((uint32_t volatile *)file->shared + MOVED, 0, __ATOMIC_SEQ_CST);
    }
    return status;
}

static int map_shared(sqlite3_file *file, int region, int size, int extends, void volatile **memory) {
    sqlite3_file *real = ((CheckedFile *)file)->real;
    int status = real->pMethods->xShmMap(real, region, size, extends, memory);
    if (region == 0) ((CheckedFile *)file)->shared = status == SQLITE_OK ? *memory : NULL;
    return status;
}

static int lock_shared(sqlite3_file *file, int offset, int count, int flags) {
    sqlite3_file *real = ((CheckedFile *)file)->real;
    return real->pMethods->xShmLock(real, offset, count, flags);
}

static void order_shared(sqlite3_file *file) {
    sqlite3_file *real = ((CheckedFile *)file)->real;
    real->pMethods->xShmBarrier(real);
}

static int unmap_shared(sqlite3_file *file, int removes) {
    sqlite3_file *real = ((CheckedFile *)file)->real;
    ((CheckedFile *)file)->shared = NULL;
    return real->pMethods->xShmUnmap(real, removes);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = checked_close,
    .xRead = read_database,
    .xWrite = write_database,
    .xTruncate = checked_truncate,
    .xSync = sync_database,
    .xFileSize = checked_size,
    .xLock = checked_lock,
    .xUnlock = checked_unlock,
    .xCheckReservedLock = checked_reserved,
    .xFileControl = checked_control,
    .xSectorSize = checked_sector,
    .xDeviceCharacteristics = checked_device,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = order_shared,
    .xShmUnmap = unmap_shared,
};

void checked_database_opened(CheckedFile *file, int is_always_checked) {
    file->base.pMethods = &methods;
    file->owner = file;
    file->is_checked = file->is_always_checked = is_always_checked;
    if (is_always_checked) return;
    if (file->real->pMethods->xRead(file->real, file->scratch, 100, 0) == SQLITE_OK) {
        file->is_checked = has_checksums(file->scratch);
    }
}

CheckedFile *checked_owner(sqlite3_file *file) {
    return file != NULL && file->pMethods == &methods ? (CheckedFile *)file : NULL;
}

CheckedFile *checked_database(sqlite3 *database) {
    sqlite3_file *file = NULL;
    if (sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) return NULL;
    return checked_owner(file);
}

int csqlitevfs_reserve(sqlite3 *database) {
    int bytes = CSQLITEVFS_RESERVE;
    return sqlite3_file_control(database, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
}

int csqlitevfs_harden(sqlite3 *database) {
    const struct {
        int option, value;
    } settings[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1}, {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},        {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},   {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        int status = sqlite3_db_config(database, settings[i].option, settings[i].value, (int *)NULL);
        if (status != SQLITE_OK) return status;
    }
    return SQLITE_OK;
}

int csqlitevfs_is_checked(sqlite3 *database) {
    CheckedFile *file = checked_database(database);
    return file != NULL && file->is_checked;
}

csqlitevfs_damage csqlitevfs_take_damage(sqlite3 *database) {
    CheckedFile *file = checked_database(database);
    csqlitevfs_damage damage = {0, 0};
    if (file == NULL) return damage;
    damage = file->damage;
    file->damage = (csqlitevfs_damage){0, 0};
    return damage;
}

int csqlitevfs_read_page(sqlite3 *database, uint32_t number, void *page) {
    CheckedFile *file = checked_database(database);
    if (file == NULL || number == 0) return SQLITE_MISUSE;
    sqlite3_int64 offset = (sqlite3_int64)(number - 1) * CSQLITEVFS_PAGE;
    return file->real->pMethods->xRead(file->real, page, CSQLITEVFS_PAGE, offset);
}

// https://www.sqlite.org/walformat.html, "WAL-Index Header Details": two copies of 48 bytes, then what is checkpointed.
int csqlitevfs_log_state(sqlite3 *database, csqlitevfs_log *log) {
    CheckedFile *file = checked_database(database);
    sqlite3_file *journal = NULL;
    if (file == NULL || sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal) != SQLITE_OK) return 0;
    // Only a connection that has the log open has the shared memory.
    if (journal == NULL || journal->pMethods == NULL) return 0;
    void volatile *memory = NULL;
    if (map_shared(&file->base, 0, 32768, 0, &memory) != SQLITE_OK || memory == NULL) return 0;
    struct {
        uint32_t version, unused, change;
        uint8_t is_filled, is_big_endian;
        uint16_t page_size;
        uint32_t frames, pages, sum[2];
        uint8_t salt[8];
        uint32_t own_sum[2];
    } first, second;
    uint32_t moved;
    _Static_assert(sizeof first == 48, "as the format says");
    for (int attempt = 0; attempt < 100; attempt++) {
        memcpy(&first, (const void *)memory, sizeof first);
        order_shared(&file->base);
        moved = ((uint32_t volatile *)memory)[MOVED];
        order_shared(&file->base);
        memcpy(&second, (const char *)memory + sizeof first, sizeof second);
        if (memcmp(&first, &second, sizeof first) != 0) continue;
        uint32_t sum[2] = {0, 0};
        csqlitevfs_log_checksum(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, &first, 40, sum);
        if (!first.is_filled || memcmp(sum, first.own_sum, sizeof sum) != 0) continue;
        log->frames = first.frames;
        log->pages = first.pages;
        log->moved = moved;
        memcpy(log->salt, first.salt, sizeof first.salt);
        memcpy(log->sum, first.sum, sizeof first.sum);
        return 1;
    }
    return -1;
}
