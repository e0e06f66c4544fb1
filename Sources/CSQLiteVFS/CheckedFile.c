#include "CheckedFile.h"

#define REAL(file) (((CheckedFile *)(file))->real)

int checked_close(sqlite3_file *file) { return REAL(file)->pMethods->xClose(REAL(file)); }

int checked_truncate(sqlite3_file *file, sqlite3_int64 size) {
    return REAL(file)->pMethods->xTruncate(REAL(file), size);
}

int checked_sync(sqlite3_file *file, int flags) { return REAL(file)->pMethods->xSync(REAL(file), flags); }

int checked_size(sqlite3_file *file, sqlite3_int64 *size) { return REAL(file)->pMethods->xFileSize(REAL(file), size); }

int checked_lock(sqlite3_file *file, int level) { return REAL(file)->pMethods->xLock(REAL(file), level); }

int checked_unlock(sqlite3_file *file, int level) { return REAL(file)->pMethods->xUnlock(REAL(file), level); }

int checked_reserved(sqlite3_file *file, int *is_reserved) {
    return REAL(file)->pMethods->xCheckReservedLock(REAL(file), is_reserved);
}

int checked_control(sqlite3_file *file, int operation, void *argument) {
    return REAL(file)->pMethods->xFileControl(REAL(file), operation, argument);
}

int checked_sector(sqlite3_file *file) { return REAL(file)->pMethods->xSectorSize(REAL(file)); }

int checked_device(sqlite3_file *file) { return REAL(file)->pMethods->xDeviceCharacteristics(REAL(file)); }
