/* Preloaded into a server: each sync takes SLOWSYNC microseconds more (2,000 unless told), as it does on a disk that has no
   battery behind its cache. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_a_little(void) {
    const char *text = getenv("SLOWSYNC");
    usleep(text ? (useconds_t)atoi(text) : 2000);
}

int fsync(int descriptor) {
    static int (*next)(int);
    if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_a_little();
    return next(descriptor);
}

int fdatasync(int descriptor) {
    static int (*next)(int);
    if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_a_little();
    return next(descriptor);
}
