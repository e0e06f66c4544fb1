#define _GNU_SOURCE
#include "CProcess.h"

#include <sys/prctl.h>
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

int process_renounce_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

int process_set_dumpable(int dumpable) { return prctl(PR_SET_DUMPABLE, dumpable ? 1 : 0, 0, 0, 0); }

int process_is_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1; }
