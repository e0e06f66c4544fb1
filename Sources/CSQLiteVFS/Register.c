#include <pthread.h>
#include <string.h>

#include "CheckedFile.h"

static sqlite3_vfs *system_vfs;
static sqlite3_vfs checked_vfs;
static int registered;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    (void)vfs;
    // Journals, temporary and transient files are SQLite's own business.
    if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0) {
        return system_vfs->xOpen(system_vfs, name, file, flags, out_flags);
    }
    CheckedFile *checked = (CheckedFile *)file;
    memset(checked, 0, sizeof *checked);
    checked->real = (sqlite3_file *)(checked + 1);
    int status = system_vfs->xOpen(system_vfs, name, checked->real, flags, out_flags);
    if (checked->real->pMethods == NULL) return status;
    if (flags & SQLITE_OPEN_MAIN_DB) {
        checked_database_opened(checked, sqlite3_uri_boolean(name, CSQLITEVFS_PARAMETER, 0));
    } else {
        checked_log_opened(checked, checked_owner(sqlite3_database_file_object(name)));
    }
    return status;
}

static void register_once(void) {
    registered = sqlite3_initialize();
    if (registered != SQLITE_OK) return;
    system_vfs = sqlite3_vfs_find(NULL);
    if (system_vfs == NULL) {
        registered = SQLITE_ERROR;
        return;
    }
    // The system's, but for opening.
    checked_vfs = *system_vfs;
    checked_vfs.pNext = NULL;
    checked_vfs.zName = "martlet";
    checked_vfs.xOpen = open_file;
    checked_vfs.szOsFile = (int)sizeof(CheckedFile) + system_vfs->szOsFile;
    registered = sqlite3_vfs_register(&checked_vfs, 1);
}

int csqlitevfs_register(void) {
    pthread_once(&once, register_once);
    return registered;
}
