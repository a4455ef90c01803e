// Linux's renameat2, which Glibc's Swift module leaves out: a GNU extension.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#include <unistd.h>

long syscall(long number, ...);

// Puts `from` in the place of nothing; fails with EEXIST where something is there. 0 or -1 and errno.
static inline int rename_without_replacing(const char *from, const char *to) {
  return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

// Exchanges two paths in one step. 0 or -1 and errno.
static inline int rename_exchanging(const char *a, const char *b) {
  return (int)syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}
