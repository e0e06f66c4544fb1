// Preloaded into the server: journals what it does to the files under POWERCUT_FOLDER into the file POWERCUT_LOG, which
// powercut.py mapped out before. A change and its record are made under one lock, so that the order of the records is the
// order of the changes. A sync is recorded when it has ended, with the position at which it began: it covers what is before.
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
#include <sys/uio.h>
#include <unistd.h>

enum { CREATE = 1, WRITE, SIZE, SYNC, RENAME, LINK, UNLINK, MKDIR, RMDIR, UNKNOWN, LOST };

struct record {
    uint32_t length, kind;
    uint64_t inode, offset, second;
};

#define MAXIMUM 65536
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t inodes[MAXIMUM];  // 0: not ours
static char *journal;
static uint64_t capacity;
static const char *folder;
static size_t folder_length;

// The journal's first eight bytes are its used length: the position that clients note.
static uint64_t position(void) { return __atomic_load_n((uint64_t *)journal, __ATOMIC_ACQUIRE); }

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("POWERCUT_LOG");
    const char *under = getenv("POWERCUT_FOLDER");
    if (!path || !under) return;
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    struct stat status;
    if (descriptor < 0 || fstat(descriptor, &status)) abort();
    capacity = status.st_size;
    journal = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (journal == MAP_FAILED) abort();
    close(descriptor);
    folder_length = strlen(under);
    folder = under;
}

#define REAL(type, name, ...)                                        \
    static type (*real)(__VA_ARGS__);                                \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int ours(const char *path) {
    if (!folder || !path || strncmp(path, folder, folder_length) || (path[folder_length] && path[folder_length] != '/')) return 0;
    size_t length = strlen(path);
    // The shared memory of SQLite's WAL means nothing after a power cut.
    return length < 4 || strcmp(path + length - 4, "-shm");
}

static uint64_t inode(int descriptor) {
    return folder && descriptor >= 0 && descriptor < MAXIMUM ? __atomic_load_n(&inodes[descriptor], __ATOMIC_RELAXED) : 0;
}

static void note(int kind, uint64_t node, uint64_t offset, uint64_t second, const struct iovec *parts, int count, size_t size) {
    struct record head = {sizeof head + size, kind, node, offset, second};
    uint64_t at = position();
    if (at + head.length > capacity) {
        fputs("powercut: the journal is full\n", stderr);
        abort();
    }
    memcpy(journal + at, &head, sizeof head);
    char *target = journal + at + sizeof head;
    for (int index = 0; index < count && size > 0; index++) {
        size_t taken = parts[index].iov_len < size ? parts[index].iov_len : size;
        memcpy(target, parts[index].iov_base, taken);
        target += taken;
        size -= taken;
    }
    __atomic_store_n((uint64_t *)journal, at + head.length, __ATOMIC_RELEASE);
}

static void note_paths(int kind, uint64_t node, const char *first, const char *second) {
    struct iovec parts[2] = {{(void *)first, strlen(first) + 1}, {(void *)second, second ? strlen(second) + 1 : 0}};
    note(kind, node, 0, 0, parts, 2, parts[0].iov_len + parts[1].iov_len);
}

static void note_unknown(const char *what) {
    if (!folder) return;
    pthread_mutex_lock(&lock);
    note_paths(UNKNOWN, 0, what, NULL);
    pthread_mutex_unlock(&lock);
}

// Opening

static int opened(int (*real)(int, const char *, int, ...), int directory, const char *path, int flags, mode_t mode) {
    if (!ours(path)) return real(directory, path, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat status;
    int existed = lstat(path, &status) == 0;
    int descriptor = real(directory, path, flags, mode);
    int problem = errno;
    if (descriptor >= 0 && fstat(descriptor, &status) == 0 && descriptor < MAXIMUM) {
        __atomic_store_n(&inodes[descriptor], status.st_ino, __ATOMIC_RELAXED);
        if ((flags & O_TMPFILE) == O_TMPFILE) note_paths(UNKNOWN, 0, "O_TMPFILE", NULL);
        else if (!existed) note_paths(CREATE, status.st_ino, path, NULL);
        else if (flags & O_TRUNC) note(SIZE, status.st_ino, 0, 0, NULL, 0, 0);
    }
    pthread_mutex_unlock(&lock);
    errno = problem;
    return descriptor;
}

#define OPEN(name)                                                              \
    int name(const char *path, int flags, ...) {                                \
        va_list list;                                                           \
        va_start(list, flags);                                                  \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; \
        va_end(list);                                                           \
        REAL(int, "openat", int, const char *, int, ...);                       \
        return opened(real, AT_FDCWD, path, flags, mode);                       \
    }
OPEN(open)
OPEN(open64)
#define OPENAT(name)                                                            \
    int name(int directory, const char *path, int flags, ...) {                 \
        va_list list;                                                           \
        va_start(list, flags);                                                  \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; \
        va_end(list);                                                           \
        REAL(int, "openat", int, const char *, int, ...);                       \
        return opened(real, directory, path, flags, mode);                      \
    }
OPENAT(openat)
OPENAT(openat64)

int close(int descriptor) {
    REAL(int, "close", int);
    if (inode(descriptor)) __atomic_store_n(&inodes[descriptor], 0, __ATOMIC_RELAXED);
    return real(descriptor);
}

static int duplicated(int from, int to) {
    if (to >= 0 && to < MAXIMUM && folder) __atomic_store_n(&inodes[to], inode(from), __ATOMIC_RELAXED);
    return to;
}
int dup(int descriptor) {
    REAL(int, "dup", int);
    return duplicated(descriptor, real(descriptor));
}
int dup2(int descriptor, int to) {
    REAL(int, "dup2", int, int);
    return duplicated(descriptor, real(descriptor, to));
}
int dup3(int descriptor, int to, int flags) {
    REAL(int, "dup3", int, int, int);
    return duplicated(descriptor, real(descriptor, to, flags));
}

// Writing

#define CHANGE(call, kind, at, second, parts, count)                        \
    pthread_mutex_lock(&lock);                                              \
    ssize_t done = call;                                                    \
    int problem = errno;                                                    \
    if (done > 0) note(kind, inode(descriptor), at, second, parts, count, done); \
    pthread_mutex_unlock(&lock);                                            \
    errno = problem;                                                        \
    return done

// Where a write without an offset has ended is where the file is now.
static uint64_t here(int descriptor, ssize_t done) { return (uint64_t)lseek(descriptor, 0, SEEK_CUR) - (uint64_t)done; }

ssize_t write(int descriptor, const void *bytes, size_t count) {
    REAL(ssize_t, "write", int, const void *, size_t);
    if (!inode(descriptor)) return real(descriptor, bytes, count);
    struct iovec part = {(void *)bytes, count};
    CHANGE(real(descriptor, bytes, count), WRITE, here(descriptor, done), 0, &part, 1);
}
ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    if (!inode(descriptor)) return real(descriptor, parts, count);
    CHANGE(real(descriptor, parts, count), WRITE, here(descriptor, done), 0, parts, count);
}
#define PWRITE(name)                                                                          \
    ssize_t name(int descriptor, const void *bytes, size_t count, off_t offset) {             \
        REAL(ssize_t, #name, int, const void *, size_t, off_t);                               \
        if (!inode(descriptor)) return real(descriptor, bytes, count, offset);                \
        struct iovec part = {(void *)bytes, count};                                           \
        CHANGE(real(descriptor, bytes, count, offset), WRITE, (uint64_t)offset, 0, &part, 1); \
    }
PWRITE(pwrite)
PWRITE(pwrite64)
#define PWRITEV(name)                                                                           \
    ssize_t name(int descriptor, const struct iovec *parts, int count, off_t offset) {          \
        REAL(ssize_t, #name, int, const struct iovec *, int, off_t);                            \
        if (!inode(descriptor)) return real(descriptor, parts, count, offset);                  \
        CHANGE(real(descriptor, parts, count, offset), WRITE, (uint64_t)offset, 0, parts, count); \
    }
PWRITEV(pwritev)
PWRITEV(pwritev64)

static int resized(int result, int descriptor) {
    int problem = errno;
    struct stat status;
    if (result == 0 && fstat(descriptor, &status) == 0) note(SIZE, inode(descriptor), (uint64_t)status.st_size, 0, NULL, 0, 0);
    pthread_mutex_unlock(&lock);
    errno = problem;
    return result;
}
#define RESIZE(name, types, call)                   \
    {                                               \
        REAL(int, name, types);                     \
        if (!inode(descriptor)) return real call;   \
        pthread_mutex_lock(&lock);                  \
        return resized(real call, descriptor);      \
    }
#define TYPES(...) __VA_ARGS__
int ftruncate(int descriptor, off_t size) RESIZE("ftruncate", TYPES(int, off_t), (descriptor, size))
int ftruncate64(int descriptor, off_t size) RESIZE("ftruncate64", TYPES(int, off_t), (descriptor, size))
int posix_fallocate(int descriptor, off_t from, off_t size)
    RESIZE("posix_fallocate", TYPES(int, off_t, off_t), (descriptor, from, size))
int posix_fallocate64(int descriptor, off_t from, off_t size)
    RESIZE("posix_fallocate64", TYPES(int, off_t, off_t), (descriptor, from, size))
int fallocate(int descriptor, int mode, off_t from, off_t size) {
    if (inode(descriptor) && (mode & ~FALLOC_FL_KEEP_SIZE)) note_unknown("fallocate");
    RESIZE("fallocate", TYPES(int, int, off_t, off_t), (descriptor, mode, from, size))
}
int fallocate64(int descriptor, int mode, off_t from, off_t size) {
    if (inode(descriptor) && (mode & ~FALLOC_FL_KEEP_SIZE)) note_unknown("fallocate64");
    RESIZE("fallocate64", TYPES(int, int, off_t, off_t), (descriptor, mode, from, size))
}

// What is not journalled must not happen unseen.
ssize_t sendfile(int descriptor, int from, off_t *offset, size_t count) {
    REAL(ssize_t, "sendfile", int, int, off_t *, size_t);
    if (inode(descriptor)) note_unknown("sendfile");
    return real(descriptor, from, offset, count);
}
ssize_t copy_file_range(int from, off64_t *at, int descriptor, off64_t *offset, size_t count, unsigned flags) {
    REAL(ssize_t, "copy_file_range", int, off64_t *, int, off64_t *, size_t, unsigned);
    if (inode(descriptor)) note_unknown("copy_file_range");
    return real(from, at, descriptor, offset, count, flags);
}
#define MAP(name)                                                                                                  \
    void *name(void *address, size_t size, int protection, int flags, int descriptor, off_t offset) {              \
        REAL(void *, #name, void *, size_t, int, int, int, off_t);                                                 \
        if (inode(descriptor) && (flags & MAP_SHARED) && (protection & PROT_WRITE)) note_unknown(#name);           \
        return real(address, size, protection, flags, descriptor, offset);                                         \
    }
MAP(mmap)
MAP(mmap64)

// Syncing

static int synced(int (*real)(int), int descriptor) {
    uint64_t node = inode(descriptor);
    if (!node) return real(descriptor);
    pthread_mutex_lock(&lock);
    uint64_t began = position();
    pthread_mutex_unlock(&lock);
    int result = real(descriptor), problem = errno;
    if (result == 0) {
        pthread_mutex_lock(&lock);
        note(SYNC, node, 0, began, NULL, 0, 0);
        pthread_mutex_unlock(&lock);
    }
    errno = problem;
    return result;
}
int fsync(int descriptor) {
    REAL(int, "fsync", int);
    return synced(real, descriptor);
}
int fdatasync(int descriptor) {
    REAL(int, "fdatasync", int);
    return synced(real, descriptor);
}

// For faults.c: a sync of this file is about to fail, after which the kernel may have dropped what was written since the last one.
void powercut_lost(int descriptor) {
    uint64_t node = inode(descriptor);
    if (!node) return;
    pthread_mutex_lock(&lock);
    note(LOST, node, 0, 0, NULL, 0, 0);
    pthread_mutex_unlock(&lock);
}

// Names

#define NAMES(call, kind, relevant, first, second)         \
    if (!(relevant)) return call;                          \
    pthread_mutex_lock(&lock);                             \
    struct stat status = {0};                              \
    lstat(first, &status);                                 \
    int result = call, problem = errno;                    \
    if (result == 0) note_paths(kind, status.st_ino, first, second); \
    pthread_mutex_unlock(&lock);                           \
    errno = problem;                                       \
    return result

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    NAMES(real(from, to), RENAME, ours(from) || ours(to), from, to);
}
int renameat(int first, const char *from, int second, const char *to) {
    REAL(int, "renameat", int, const char *, int, const char *);
    NAMES(real(first, from, second, to), RENAME, ours(from) || ours(to), from, to);
}
int renameat2(int first, const char *from, int second, const char *to, unsigned flags) {
    REAL(int, "renameat2", int, const char *, int, const char *, unsigned);
    NAMES(real(first, from, second, to, flags), RENAME, ours(from) || ours(to), from, to);
}
int link(const char *from, const char *to) {
    REAL(int, "link", const char *, const char *);
    NAMES(real(from, to), LINK, ours(from) || ours(to), from, to);
}
int linkat(int first, const char *from, int second, const char *to, int flags) {
    REAL(int, "linkat", int, const char *, int, const char *, int);
    NAMES(real(first, from, second, to, flags), LINK, ours(from) || ours(to), from, to);
}
int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    NAMES(real(path), UNLINK, ours(path), path, NULL);
}
int unlinkat(int directory, const char *path, int flags) {
    REAL(int, "unlinkat", int, const char *, int);
    if (folder && path[0] != '/' && inode(directory)) note_unknown("unlinkat");
    NAMES(real(directory, path, flags), flags & AT_REMOVEDIR ? RMDIR : UNLINK, ours(path), path, NULL);
}
int remove(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) ? rmdir(path) : unlink(path);
}
int rmdir(const char *path) {
    REAL(int, "rmdir", const char *);
    NAMES(real(path), RMDIR, ours(path), path, NULL);
}
int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    if (!ours(path)) return real(path, mode);
    pthread_mutex_lock(&lock);
    struct stat status = {0};
    int result = real(path, mode), problem = errno;
    if (result == 0 && lstat(path, &status) == 0) note_paths(MKDIR, status.st_ino, path, NULL);
    pthread_mutex_unlock(&lock);
    errno = problem;
    return result;
}
