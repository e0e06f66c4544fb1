#ifndef MARTLET_CSQLITEVFS_H
#define MARTLET_CSQLITEVFS_H

#include <stddef.h>
#include <stdint.h>

typedef struct sqlite3 sqlite3;

/// Bytes of a page, and those at its end that SQLite leaves to us: the checksum.
#define CSQLITEVFS_PAGE 4096
#define CSQLITEVFS_RESERVE 4
/// The `application_id` of a database whose pages have checksums: "MART".
#define CSQLITEVFS_APPLICATION 0x4D415254
/// Bytes of a write-ahead log's header, and of the header before each of its pages.
#define CSQLITEVFS_LOG_HEADER 32
#define CSQLITEVFS_FRAME_HEADER 24
/// The query parameter of a file name by which all pages have checksums, before page 1 can say so.
#define CSQLITEVFS_PARAMETER "checksums"

/// What a read of damaged bytes answers: SQLITE_NOTADB. With SQLITE_CORRUPT, SQLite would refuse all further changes of the
/// transaction, and with SQLITE_IOERR it would roll it back; but none of the damaged bytes have come into its memory, and what
/// the failing statement has done is undone with its savepoint.
#define CSQLITEVFS_DAMAGED 26

/// Makes all databases that are opened from now on go through the checks: whole pages of a database with checksums when they
/// are read from its file, and pages read from its write-ahead log. What fails the check is answered with CSQLITEVFS_DAMAGED.
/// Other files are passed on as they are. Once per process; later calls do nothing. SQLITE_OK, or why not.
int csqlitevfs_register(void);

/// Has a database without pages reserve the bytes for checksums. The next VACUUM does so with one that has pages.
int csqlitevfs_reserve(sqlite3 *database);

/// Refuses what no statement of ours does, and damaged or foreign files might bring along: writing to the schema's table,
/// functions called by the schema, strings in double quotes.
int csqlitevfs_harden(sqlite3 *database);

/// Whether the pages of the main database have checksums.
int csqlitevfs_is_checked(sqlite3 *database);

/// The checksum of a page: CRC-32C, so that pages that changed places are found as well.
uint32_t csqlitevfs_checksum(uint32_t number, const void *page);

/// Whether the page ends with its checksum.
int csqlitevfs_is_sound(uint32_t number, const void *page);

/// The write-ahead log's running checksum (https://www.sqlite.org/walformat.html) over `length` bytes, a multiple of 8.
void csqlitevfs_log_checksum(int is_big_endian, const void *bytes, size_t length, uint32_t sum[2]);

/// What a read of this connection has met last, and forgets it: a page of the file, or of the log (0: none).
typedef struct {
    uint32_t page;
    uint32_t frame;
} csqlitevfs_damage;
csqlitevfs_damage csqlitevfs_take_damage(sqlite3 *database);

/// Reads a page from the file as it is. SQLITE_OK, or SQLite's error; a file that ends before it is an error too.
int csqlitevfs_read_page(sqlite3 *database, uint32_t number, void *page);

/// What SQLite knows of the write-ahead log.
typedef struct {
    /// Frames up to the last commit, and pages that the database then has.
    uint32_t frames;
    uint32_t pages;
    /// Frames that are in the database's file and synced there.
    uint32_t moved;
    /// As in the log's header.
    uint8_t salt[8];
    /// Of the last frame.
    uint32_t sum[2];
} csqlitevfs_log;

/// 1 if there is a log, 0 if the connection has not opened one, else -1: it is being changed, or shared memory is damaged.
int csqlitevfs_log_state(sqlite3 *database, csqlitevfs_log *log);

#endif
