// Preloaded into the server: plays a disk that refuses. faults.py maps the file FAULTS_CONTROL and says there which calls on
// which files fail, how, and how often; the calls on all files under FAULTS_FOLDER are counted there.
//
// With powercut.so behind it in LD_PRELOAD, a sync that is made to fail is journalled as one whose bytes are lost.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

// The order is that of faultlib.py.
enum call { WRITE, SYNC, RESIZE, CREATE, OPEN, LINK, RENAME, UNLINK, MKDIR, READ, MAP, CALLS };
enum kind { SEGMENT, LOG, DATABASE, SHARED, OBJECT, SPOOL, DIRECTORY, OTHER, KINDS };

#define MAXIMUM 65536
#define SPOILT 64

struct control {
    // What fails: a bit for each call and for each kind of file; 0: nothing does.
    uint32_t calls, kinds;
    int32_t error;
    // Whether a failing write first takes a part of its bytes.
    uint32_t is_short;
    // Calls that still succeed before, then calls that fail.
    int64_t skip, count;
    // Bytes by which files may still grow; below 0: without end.
    int64_t budget;
    // The disk has no room for less than this at once, so that a small write fails like a large one.
    int64_t block;
    uint64_t injected;
    uint64_t counts[CALLS][KINDS];
    // A sync of these files has failed; what is written to such a segment later must not count.
    uint64_t violations;
    char violation[256];
};

static struct control *control;
static const char *folder;
static size_t folder_length;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
// Kind + 1 of each open file; 0: not ours.
static uint8_t kinds[MAXIMUM];
static uint64_t spoilt[SPOILT];
static unsigned spoilt_count;
static void (*lost)(int);

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FAULTS_CONTROL");
    const char *under = getenv("FAULTS_FOLDER");
    if (!path || !under) return;
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0) abort();
    control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (control == MAP_FAILED) abort();
    close(descriptor);
    lost = (void (*)(int))dlsym(RTLD_DEFAULT, "powercut_lost");
    folder_length = strlen(under);
    folder = under;
}

#define REAL(type, name, ...)                     \
    static type (*real)(__VA_ARGS__);             \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int ends(const char *path, const char *end) {
    size_t length = strlen(path), tail = strlen(end);
    return length >= tail && !strcmp(path + length - tail, end);
}

// Kind + 1, or 0.
static int kind_of(const char *path) {
    if (!folder || !path || strncmp(path, folder, folder_length) || (path[folder_length] && path[folder_length] != '/')) return 0;
    if (ends(path, ".seg")) return SEGMENT + 1;
    if (ends(path, "store.sqlite-wal")) return LOG + 1;
    if (ends(path, "store.sqlite-shm")) return SHARED + 1;
    if (ends(path, "store.sqlite")) return DATABASE + 1;
    if (strstr(path + folder_length, "/objects/")) return OBJECT + 1;
    if (strstr(path + folder_length, "/spool/")) return SPOOL + 1;
    struct stat status;
    if (lstat(path, &status) == 0 && S_ISDIR(status.st_mode)) return DIRECTORY + 1;
    return OTHER + 1;
}

static int kind_at(int descriptor) {
    return folder && descriptor >= 0 && descriptor < MAXIMUM ? __atomic_load_n(&kinds[descriptor], __ATOMIC_RELAXED) : 0;
}

// The error that this call has to fail with, or 0.
static int refusal(enum call call, int kind) {
    if (!kind) return 0;
    kind -= 1;
    pthread_mutex_lock(&lock);
    int error = 0;
    control->counts[call][kind]++;
    if ((control->calls & (1u << call)) && (control->kinds & (1u << kind))) {
        if (control->skip > 0) {
            control->skip--;
        } else if (control->count > 0) {
            control->count--;
            control->injected++;
            error = control->error;
        }
    }
    pthread_mutex_unlock(&lock);
    return error;
}

static uint64_t inode(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) ? 0 : status.st_ino;
}

// A segment or object that failed to sync is never to be written or synced again.
static void spoil(int descriptor) {
    pthread_mutex_lock(&lock);
    spoilt[spoilt_count++ % SPOILT] = inode(descriptor);
    pthread_mutex_unlock(&lock);
}

static void look(int descriptor, int kind, const char *call) {
    if (kind != SEGMENT + 1) return;
    uint64_t node = inode(descriptor);
    pthread_mutex_lock(&lock);
    unsigned known = spoilt_count < SPOILT ? spoilt_count : SPOILT;
    for (unsigned index = 0; index < known; index++)
        if (spoilt[index] == node && control->violations++ == 0)
            snprintf(control->violation, sizeof control->violation, "%s of a segment whose sync had failed", call);
    pthread_mutex_unlock(&lock);
}

static void forget(const char *path) {
    struct stat status;
    if (lstat(path, &status)) return;
    // The number may be given to the next file.
    pthread_mutex_lock(&lock);
    for (unsigned index = 0; index < SPOILT; index++)
        if (spoilt[index] == status.st_ino) spoilt[index] = 0;
    if (control->budget >= 0 && S_ISREG(status.st_mode) && status.st_nlink == 1) control->budget += status.st_size;
    pthread_mutex_unlock(&lock);
}

// How much of a write that ends at `end` has room: all, or what is left.
static ssize_t room(int descriptor, uint64_t offset, size_t count) {
    struct stat status;
    if (control->budget < 0 || fstat(descriptor, &status)) return count;
    pthread_mutex_lock(&lock);
    int64_t growth = (int64_t)(offset + count) - status.st_size;
    ssize_t taken = count;
    if (control->budget >= 0 && growth > 0) {
        // Blocks are given out whole.
        int64_t block = control->block > 0 ? control->block : 1;
        int64_t blocks = ((int64_t)(offset + count) + block - 1) / block - (status.st_size + block - 1) / block;
        if (blocks * block > control->budget) {
            control->injected++;
            int64_t fits = (status.st_size + block - 1) / block * block + control->budget / block * block - (int64_t)offset;
            taken = fits <= 0 ? 0 : fits < (int64_t)count ? fits : (ssize_t)count;
            control->budget = control->budget % block;
        } else {
            control->budget -= blocks * block;
        }
    }
    pthread_mutex_unlock(&lock);
    return taken;
}

// Opening

static int opened(int (*real)(int, const char *, int, ...), int directory, const char *path, int flags, mode_t mode) {
    int kind = kind_of(path);
    if (!kind) return real(directory, path, flags, mode);
    struct stat status;
    int isNew = (flags & O_CREAT) && lstat(path, &status);
    int error = refusal(isNew ? CREATE : OPEN, kind);
    // A file's name takes a little room as well.
    if (!error && isNew && control->budget == 0 && control->block > 1) error = ENOSPC;
    if (error) {
        errno = error;
        return -1;
    }
    int descriptor = real(directory, path, flags, mode);
    if (descriptor >= 0 && descriptor < MAXIMUM) __atomic_store_n(&kinds[descriptor], kind_of(path), __ATOMIC_RELAXED);
    return descriptor;
}

#define MODE(flags)                                                         \
    va_list list;                                                           \
    va_start(list, flags);                                                  \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; \
    va_end(list)
#define OPENERS(name, at)                                                   \
    int name(const char *path, int flags, ...) {                            \
        MODE(flags);                                                        \
        REAL(int, #at, int, const char *, int, ...);                        \
        return opened(real, AT_FDCWD, path, flags, mode);                   \
    }                                                                       \
    int at(int directory, const char *path, int flags, ...) {               \
        MODE(flags);                                                        \
        REAL(int, #at, int, const char *, int, ...);                        \
        return opened(real, directory, path, flags, mode);                  \
    }
OPENERS(open, openat)
OPENERS(open64, openat64)

int close(int descriptor) {
    REAL(int, "close", int);
    if (kind_at(descriptor)) __atomic_store_n(&kinds[descriptor], 0, __ATOMIC_RELAXED);
    return real(descriptor);
}

// Writing: `DONE(part)` makes the real call with the first `part` bytes.

#define WRITING(offset, count, DONE)                           \
    int kind = kind_at(descriptor);                            \
    if (!kind) return DONE(count);                             \
    look(descriptor, kind, "write");                           \
    int error = refusal(WRITE, kind);                          \
    if (error) {                                               \
        if (control->is_short && count > 1) {                  \
            /* The rest meets the error. */                    \
            control->is_short = 0, control->skip = 0, control->count++; \
            return DONE(count / 2);                            \
        }                                                      \
        errno = error;                                         \
        return -1;                                             \
    }                                                          \
    ssize_t taken = room(descriptor, offset, count);           \
    if (taken == 0 && count > 0) {                             \
        errno = ENOSPC;                                        \
        return -1;                                             \
    }                                                          \
    return DONE((size_t)taken)

ssize_t write(int descriptor, const void *bytes, size_t count) {
    REAL(ssize_t, "write", int, const void *, size_t);
#define PART(part) real(descriptor, bytes, part)
    WRITING((uint64_t)lseek(descriptor, 0, SEEK_CUR), count, PART);
#undef PART
}
#define PWRITE(name)                                                              \
    ssize_t name(int descriptor, const void *bytes, size_t count, off_t offset) { \
        REAL(ssize_t, #name, int, const void *, size_t, off_t);                   \
        WRITING((uint64_t)offset, count, PART);                                   \
    }
#define PART(part) real(descriptor, bytes, part, offset)
PWRITE(pwrite)
PWRITE(pwrite64)
#undef PART

// Nothing here writes in pieces; should that change, the counts say so.
static ssize_t vectored(ssize_t result) {
    if (control) __atomic_fetch_add(&control->violations, 1, __ATOMIC_RELAXED), strcpy(control->violation, "writev is not covered");
    return result;
}
ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    ssize_t result = real(descriptor, parts, count);
    return kind_at(descriptor) ? vectored(result) : result;
}
ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
    REAL(ssize_t, "pwritev", int, const struct iovec *, int, off_t);
    ssize_t result = real(descriptor, parts, count, offset);
    return kind_at(descriptor) ? vectored(result) : result;
}

#define SIMPLE(call, kind, failure, action) \
    int error = refusal(call, kind);        \
    if (error) {                            \
        errno = error;                      \
        return failure;                     \
    }                                       \
    return action

int ftruncate(int descriptor, off_t size) {
    REAL(int, "ftruncate", int, off_t);
    SIMPLE(RESIZE, kind_at(descriptor), -1, real(descriptor, size));
}
int ftruncate64(int descriptor, off_t size) {
    REAL(int, "ftruncate64", int, off_t);
    SIMPLE(RESIZE, kind_at(descriptor), -1, real(descriptor, size));
}
int fallocate(int descriptor, int mode, off_t from, off_t size) {
    REAL(int, "fallocate", int, int, off_t, off_t);
    SIMPLE(RESIZE, kind_at(descriptor), -1, real(descriptor, mode, from, size));
}
int posix_fallocate(int descriptor, off_t from, off_t size) {
    REAL(int, "posix_fallocate", int, off_t, off_t);
    int error = refusal(RESIZE, kind_at(descriptor));
    return error ? error : real(descriptor, from, size);
}
void *mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset) {
    REAL(void *, "mmap", void *, size_t, int, int, int, off_t);
    SIMPLE(MAP, kind_at(descriptor), MAP_FAILED, real(address, size, protection, flags, descriptor, offset));
}
void *mmap64(void *address, size_t size, int protection, int flags, int descriptor, off_t offset) {
    REAL(void *, "mmap64", void *, size_t, int, int, int, off_t);
    SIMPLE(MAP, kind_at(descriptor), MAP_FAILED, real(address, size, protection, flags, descriptor, offset));
}

// Reading

ssize_t read(int descriptor, void *bytes, size_t count) {
    REAL(ssize_t, "read", int, void *, size_t);
    SIMPLE(READ, kind_at(descriptor), -1, real(descriptor, bytes, count));
}
ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) {
    REAL(ssize_t, "pread", int, void *, size_t, off_t);
    SIMPLE(READ, kind_at(descriptor), -1, real(descriptor, bytes, count, offset));
}
ssize_t pread64(int descriptor, void *bytes, size_t count, off_t offset) {
    REAL(ssize_t, "pread64", int, void *, size_t, off_t);
    SIMPLE(READ, kind_at(descriptor), -1, real(descriptor, bytes, count, offset));
}

// Syncing

static int synced(int (*real)(int), int descriptor) {
    int kind = kind_at(descriptor);
    if (!kind) return real(descriptor);
    look(descriptor, kind, "sync");
    int error = refusal(SYNC, kind);
    if (!error) return real(descriptor);
    if (lost) lost(descriptor);
    spoil(descriptor);
    errno = error;
    return -1;
}
int fsync(int descriptor) {
    REAL(int, "fsync", int);
    return synced(real, descriptor);
}
int fdatasync(int descriptor) {
    REAL(int, "fdatasync", int);
    return synced(real, descriptor);
}

// Names

int link(const char *from, const char *to) {
    REAL(int, "link", const char *, const char *);
    SIMPLE(LINK, kind_of(to), -1, real(from, to));
}
int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    SIMPLE(RENAME, kind_of(to), -1, real(from, to));
}
int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    int kind = kind_of(path), error = refusal(UNLINK, kind);
    if (error) {
        errno = error;
        return -1;
    }
    if (kind) forget(path);
    return real(path);
}
int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    SIMPLE(MKDIR, kind_of(path), -1, real(path, mode));
}

// What a full disk says of itself.
#define ROOM(name, type)                                                                 \
    int name(const char *path, struct type *status) {                                    \
        REAL(int, #name, const char *, struct type *);                                   \
        int result = real(path, status);                                                 \
        if (result == 0 && kind_of(path) && control->budget >= 0)                        \
            status->f_bavail = status->f_bfree = (uint64_t)control->budget / status->f_frsize; \
        return result;                                                                   \
    }
ROOM(statvfs, statvfs)
ROOM(statvfs64, statvfs64)
