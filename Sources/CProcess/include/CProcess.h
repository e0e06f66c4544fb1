/// Calls about the process itself that Swift cannot reach: functions of GNU, and those with a variable number of arguments.
#ifndef CPROCESS_H
#define CPROCESS_H

#include <stdint.h>
#include <sys/types.h>

/// Sets the real, effective and saved group, then user, of every thread. 0, or -1 with errno.
int process_become(uid_t user, gid_t group);

/// Whether all three users and all three groups are these.
int process_is(uid_t user, gid_t group);

/// No execve(2) gives privileges any more, from this thread on and in those it makes. 0, or -1 with errno.
int process_renounce_privileges(void);

/// Whether a crash may leave a core file and a process of the same user may look inside. 0, or -1 with errno.
int process_set_dumpable(int dumpable);
int process_is_dumpable(void);

#endif
