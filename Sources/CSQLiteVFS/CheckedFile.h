#ifndef MARTLET_CHECKEDFILE_H
#define MARTLET_CHECKEDFILE_H

#include <sqlite3.h>

#include "CSQLiteVFS.h"

/// A file of SQLite's with ours around it; SQLite's own lies behind this in memory.
typedef struct CheckedFile {
    sqlite3_file base;
    sqlite3_file *real;
    /// The database to which a log belongs; of a database, itself.
    struct CheckedFile *owner;
    /// Whether pages have checksums. Of a log: always.
    int is_checked;
    /// Whether they have, whatever page 1 says: it is still to be written.
    int is_always_checked;
    csqlitevfs_damage damage;
    /// The first part of the memory that connections share about the log, once it is mapped.
    void volatile *shared;
    /// Of a log: from this frame on, bytes and checksums may not yet belong together.
    sqlite3_int64 unsettled;
    /// Of a log: the frame whose header was written last, until its bytes are; else -1.
    sqlite3_int64 next;
    int is_big_endian;
    unsigned char scratch[CSQLITEVFS_PAGE];
} CheckedFile;

/// Has SQLite use our functions; to be called once the real file is open.
void checked_database_opened(CheckedFile *file, int is_always_checked);
void checked_log_opened(CheckedFile *file, CheckedFile *owner);

/// The connection's main file, or NULL if it is none of ours.
CheckedFile *checked_database(sqlite3 *database);
/// NULL if the file is none of our databases.
CheckedFile *checked_owner(sqlite3_file *file);

// What both kinds of file pass on.
int checked_close(sqlite3_file *file);
int checked_truncate(sqlite3_file *file, sqlite3_int64 size);
int checked_sync(sqlite3_file *file, int flags);
int checked_size(sqlite3_file *file, sqlite3_int64 *size);
int checked_lock(sqlite3_file *file, int level);
int checked_unlock(sqlite3_file *file, int level);
int checked_reserved(sqlite3_file *file, int *is_reserved);
int checked_control(sqlite3_file *file, int operation, void *argument);
int checked_sector(sqlite3_file *file);
int checked_device(sqlite3_file *file);

#endif
