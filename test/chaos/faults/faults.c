/*
 * Preloaded into a process of Station: its clock, its disk and the time its disk takes are as a file says that it shares
 * with whoever makes trouble. Three numbers of 64 bits: milliseconds added to the clock, milliseconds that every flush
 * takes longer, and whether nothing more can be written to files.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct faults { volatile long long clock_ms, flush_ms, is_full; };

static struct faults none;
static struct faults *faults = &none;

#define REAL(name) static __typeof__(&name) real_##name
REAL(clock_gettime);
REAL(fdatasync);
REAL(fsync);
REAL(pwrite);
REAL(pwritev);
REAL(write);
REAL(writev);

#define FIND(name) real_##name = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void find(void) {
  if (real_clock_gettime) return;
  FIND(fdatasync);
  FIND(fsync);
  FIND(pwrite);
  FIND(pwritev);
  FIND(write);
  FIND(writev);
  FIND(clock_gettime);
  const char *path = getenv("CHAOS_FAULTS");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *shared = mmap(NULL, sizeof none, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (shared != MAP_FAILED) faults = shared;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  find();
  int result = real_clock_gettime(clock, time);
  long long ms = faults->clock_ms;
  if (result != 0 || ms == 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return result;
  long long ns = time->tv_nsec + (ms % 1000) * 1000000;
  time->tv_sec += ms / 1000 + (ns < 0 ? -1 : ns / 1000000000);
  time->tv_nsec = ns < 0 ? ns + 1000000000 : ns % 1000000000;
  return 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  struct timespec now;
  (void)zone;
  int result = clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return result;
}

time_t time(time_t *time) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (time) *time = now.tv_sec;
  return now.tv_sec;
}

static void linger(void) {
  find();
  if (faults->flush_ms > 0) usleep(faults->flush_ms * 1000);
}

int fsync(int file) {
  linger();
  return real_fsync(file);
}

int fdatasync(int file) {
  linger();
  return real_fdatasync(file);
}

/* Standard output and error go on: they are how the process is watched. */
static int is_refused(int file) {
  struct stat what;
  find();
  if (!faults->is_full || file <= 2 || fstat(file, &what) != 0 || !S_ISREG(what.st_mode)) return 0;
  errno = ENOSPC;
  return 1;
}

ssize_t write(int file, const void *bytes, size_t count) {
  return is_refused(file) ? -1 : real_write(file, bytes, count);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  return is_refused(file) ? -1 : real_writev(file, parts, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
  return is_refused(file) ? -1 : real_pwrite(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
  return is_refused(file) ? -1 : real_pwrite(file, bytes, count, at);
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
  return is_refused(file) ? -1 : real_pwritev(file, parts, count, at);
}

ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t at) {
  return is_refused(file) ? -1 : real_pwritev(file, parts, count, at);
}
