// Preloaded library that fails calls on the files below the folder $FAULTS_BELOW, and sets the clock. The file that $FAULTS
// names has the faults, as lines of a word and numbers:
//   flock 37     each flock fails with errno 37; also open, write (and pwrite), fsync (and fdatasync)
//   write 28 3   the third write since the file's first line was changed fails; then the file $FAULTS.hit is made
//   clock -60    the wall clock is set back by a minute
//   monotonic 60 a minute has passed
//   host.example 127.0.0.2 127.0.0.1   the addresses of a name
//   host.example never                 the name is not resolved while the line is there
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum call { OPEN, FLOCK, WRITE, FSYNC, CALLS };
static const char *const WORDS[] = {"open ", "flock ", "write ", "fsync "};

static void read_faults(char *text, size_t size) {
  int file = syscall(SYS_openat, AT_FDCWD, getenv("FAULTS"), O_RDONLY);
  long length = file >= 0 ? syscall(SYS_read, file, text, size - 1) : 0;
  text[length > 0 ? length : 0] = 0;
  if (file >= 0) syscall(SYS_close, file);
}

// Returns what follows a word at the start of a line.
static const char *after(const char *text, const char *word) {
  for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
    if (!strncmp(line, word, strlen(word))) return line + strlen(word);
  return "0";
}

static int fails(enum call call, const char *path) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  static char faults[256];
  static long counts[CALLS];
  const char *below = getenv("FAULTS_BELOW");
  if (!below || strncmp(path, below, strlen(below))) return 0;
  char text[256], hit[4096];
  read_faults(text, sizeof text);
  pthread_mutex_lock(&mutex);
  if (strncmp(text, faults, strcspn(text, "\n") + 1)) memset(counts, 0, sizeof counts);
  memcpy(faults, text, sizeof text);
  long count = ++counts[call];
  pthread_mutex_unlock(&mutex);
  char *rest;
  long number = strtol(after(text, WORDS[call]), &rest, 10), nth = strtol(rest, NULL, 10);
  if (!number || (nth && nth != count)) return 0;
  snprintf(hit, sizeof hit, "%s.hit", getenv("FAULTS"));
  syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, hit, O_CREAT | O_WRONLY, 0600));
  errno = number;
  return 1;
}

static int fails_on(enum call call, int file) {
  char link[64], path[4096] = "";
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  return readlink(link, path, sizeof path - 1) > 0 && fails(call, path);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  return fails(OPEN, path) ? -1 : syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int flock(int file, int operation) { return fails_on(FLOCK, file) ? -1 : syscall(SYS_flock, file, operation); }

// Writes half of the bytes before it fails.
ssize_t write(int file, const void *bytes, size_t count) {
  int fails = fails_on(WRITE, file), number = errno;
  ssize_t written = syscall(SYS_write, file, bytes, fails ? count / 2 : count);
  return fails ? (errno = number, -1) : written;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
  int fails = fails_on(WRITE, file), number = errno;
  ssize_t written = syscall(SYS_pwrite64, file, bytes, fails ? count / 2 : count, at);
  return fails ? (errno = number, -1) : written;
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) __attribute__((alias("pwrite")));

int fsync(int file) { return fails_on(FSYNC, file) ? -1 : syscall(SYS_fsync, file); }

int fdatasync(int file) { return fails_on(FSYNC, file) ? -1 : syscall(SYS_fdatasync, file); }

static long shift(const char *word) {
  char text[256];
  read_faults(text, sizeof text);
  return atol(after(text, word));
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = syscall(SYS_clock_gettime, clock, time);
  if (clock == CLOCK_REALTIME) time->tv_sec += shift("clock ");
  if (clock == CLOCK_MONOTONIC) time->tv_sec += shift("monotonic ");
  return result;
}

int gettimeofday(struct timeval *time, void *zone) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  *time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
  char text[256], *rest;
  read_faults(text, sizeof text);
  for (; !strncmp(after(text, name), " never", 6); read_faults(text, sizeof text)) usleep(1000);
  char *addresses = (char *)after(text, name);
  if (*addresses == '0') return next(name, service, hints, found);
  addresses[strcspn(addresses, "\n")] = 0;
  for (char *one = strtok_r(addresses, " ", &rest); one; one = strtok_r(NULL, " ", &rest)) {
    int failed = next(one, service, hints, found);
    if (failed) return failed;
    while (*found) found = &(*found)->ai_next;
  }
  return 0;
}
