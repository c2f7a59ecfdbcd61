// Preloaded into a process, shifts its wall clock by the seconds in the file that CLOCK_SHIFT names.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = syscall(SYS_clock_gettime, clock, time);
  const char *path = getenv("CLOCK_SHIFT");
  FILE *file = clock == CLOCK_REALTIME && path ? fopen(path, "r") : NULL;
  long shift = 0;
  if (file) {
    if (fscanf(file, "%ld", &shift) == 1) time->tv_sec += shift;
    fclose(file);
  }
  return result;
}
