/// Calls about the process itself that Swift cannot reach: functions of GNU, and those with a variable number of arguments.
#ifndef CPROCESS_H
#define CPROCESS_H

#include <stdint.h>
#include <sys/types.h>

/// Sets the real, effective and saved group, then user, of every thread. 0, or -1 with errno.
int process_become(uid_t user, gid_t group);

/// Whether all three users and all three groups are these.
int process_is(uid_t user, gid_t group);

/// The number of threads; -1 if it cannot be known.
int process_threads(void);

/// Takes every capability from this thread, and from the ones it makes. 0, or -1 with errno.
int process_drop_capabilities(void);

/// No execve(2) gives privileges any more, from this thread on and in those it makes. 0, or -1 with errno.
int process_renounce_privileges(void);

/// Whether a crash may leave a core file and a process of the same user may look inside. 0, or -1 with errno.
int process_set_dumpable(int dumpable);
int process_is_dumpable(void);

/// Owner, group and permissions of what `path` leads to. 0, or -1 with errno. (Several modules of Swift have a `struct stat`.)
int process_look_at(const char *path, uid_t *user, gid_t *group, mode_t *permissions);

/// Of CLOCK_MONOTONIC.
int64_t process_microseconds(void);

/// Makes the C library give memory back: a heap for each processor instead of eight, and large buffers outside of them. To be
/// called before there are many threads.
void process_shape_heap(void);

/// Gives free memory amid the heaps back to the system if there are more than `allowed` bytes of it.
void process_trim_heap(size_t allowed);

#endif
