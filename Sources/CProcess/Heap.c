#include "CProcess.h"

#include <malloc.h>
#include <unistd.h>

void process_shape_heap(void) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    mallopt(M_ARENA_MAX, processors < 2 ? 2 : processors > 64 ? 64 : (int)processors);
    // Set, it stays; unset, the first large buffer that is given back raises it to the buffer's size.
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

void process_trim_heap(size_t allowed) {
    if (mallinfo2().fordblks > allowed) malloc_trim(0);
}
