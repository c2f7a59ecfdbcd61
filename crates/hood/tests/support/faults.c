// Preloaded library that fails calls on files of the rate limit and sets the clock. The file that $FAULTS names has the
// faults, as lines of a word and a number: "flock 37" fails flock with errno 37, "clock -60" sets the clock back a minute,
// "monotonic 60" has a minute pass.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long number(const char *call) {
  char text[256] = "";
  int file = syscall(SYS_openat, AT_FDCWD, getenv("FAULTS"), O_RDONLY);
  if (file >= 0) {
    syscall(SYS_read, file, text, sizeof text - 1);
    syscall(SYS_close, file);
  }
  const char *found = strstr(text, call);
  return found ? atol(found + strlen(call)) : 0;
}

static int fails(const char *call, const char *path) {
  if (!strstr(path, "rate-limit-")) return 0;
  errno = number(call);
  return errno != 0;
}

static int fails_on(const char *call, int file) {
  char link[64], path[4096] = "";
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  return readlink(link, path, sizeof path - 1) > 0 && fails(call, path);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  return fails("open", path) ? -1 : syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int flock(int file, int operation) {
  return operation != LOCK_UN && fails_on("flock", file) ? -1 : syscall(SYS_flock, file, operation);
}

ssize_t write(int file, const void *bytes, size_t count) {
  return fails_on("write", file) ? -1 : syscall(SYS_write, file, bytes, count);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = syscall(SYS_clock_gettime, clock, time);
  if (clock == CLOCK_REALTIME) time->tv_sec += number("clock");
  if (clock == CLOCK_MONOTONIC) time->tv_sec += number("monotonic");
  return result;
}

int gettimeofday(struct timeval *time, void *zone) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  *time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
  return 0;
}
