#define _GNU_SOURCE
#include "CProcess.h"

#include <dirent.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int process_become(uid_t user, gid_t group) {
    if (setresgid(group, group, group) != 0) return -1;
    return setresuid(user, user, user);
}

int process_is(uid_t user, gid_t group) {
    uid_t users[3];
    gid_t groups[3];
    if (getresuid(&users[0], &users[1], &users[2]) != 0) return 0;
    if (getresgid(&groups[0], &groups[1], &groups[2]) != 0) return 0;
    for (int index = 0; index < 3; index++) {
        if (users[index] != user || groups[index] != group) return 0;
    }
    return 1;
}

int process_threads(void) {
    DIR *folder = opendir("/proc/self/task");
    if (folder == NULL) return -1;
    int count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] != '.') count++;
    }
    closedir(folder);
    return count;
}

int process_drop_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return (int)syscall(SYS_capset, &header, none);
}

int process_renounce_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

int process_set_dumpable(int dumpable) { return prctl(PR_SET_DUMPABLE, dumpable ? 1 : 0, 0, 0, 0); }

int process_is_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1; }

int process_look_at(const char *path, uid_t *user, gid_t *group, mode_t *permissions) {
    struct stat status;
    if (stat(path, &status) != 0) return -1;
    *user = status.st_uid;
    *group = status.st_gid;
    *permissions = status.st_mode & 07777;
    return 0;
}

int64_t process_microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
