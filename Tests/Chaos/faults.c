// Makes the system fail at a chosen call: preload it into the real program.
//
//   cc -shared -fPIC -O1 -Wall -Wextra -o faults.so Tests/Chaos/faults.c -ldl -pthread
//   LD_PRELOAD=./faults.so SONARSWEEP_FAULT="write:3:ENOSPC" SONARSWEEP_FAULT_PATH=results sonarsweep run job.yaml
//
// SONARSWEEP_FAULT       <call>:<nth>[+]:<action>, several joined by ';'. `nth` counts from 1; `nth+` is that and all later.
// SONARSWEEP_FAULT_PATH  directories joined by ':'; file calls count only below them. Standard streams never count.
// SONARSWEEP_FAULT_ROLE  only in processes whose first argument is this, as `aggregator`; others neither count nor fail.
// SONARSWEEP_FAULT_LOG   a file of 16 unsigned 64-bit numbers that is mapped, and so survives SIGKILL and is shared by all
//                        processes that name it: calls by kind (in the order of `calls`), then at index 7 a switch that
//                        turns every fault off when a test sets it, then faults by kind. A process that is started again
//                        counts on, so that "the 5th write" happens once.
//
// calls    write (write, pwrite, pwrite64, writev), sync (fsync, fdatasync), rename, open (of a file that it creates, and mkdir),
//          send and receive (libzmq's messages that were really received), compute (oneDNN's primitives)
// actions  ENOSPC, EIO     the call fails so, and does nothing
//          lose            of sync: fails with EIO, and what was written to the file since its last sync is lost
//          short           of write: half the bytes are written, and it says so
//          kill            SIGKILL to the process before the call
//          kill-after      SIGKILL to the process after the call
//          stop            SIGSTOP to the process before the call
//          hang            this thread sleeps for ever
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum call { WRITE, SYNC, RENAME, OPEN, SEND, RECEIVE, COMPUTE, CALLS };
static const char *const calls[CALLS] = {"write", "sync", "rename", "open", "send", "receive", "compute"};

enum action { NONE, FAIL_ENOSPC, FAIL_EIO, LOSE, SHORT, KILL, KILL_AFTER, STOP, HANG, ACTIONS };
static const char *const actions[ACTIONS] = {"none", "ENOSPC", "EIO", "lose", "short", "kill", "kill-after", "stop", "hang"};

struct rule {
  enum call call;
  uint64_t nth;
  bool onwards;
  enum action action;
};

struct counts {
  _Atomic uint64_t seen[CALLS];
  _Atomic uint64_t off;
  _Atomic uint64_t failed[CALLS];
  uint64_t unused;
};

static struct rule rules[64];
static int rule_count;
static char directories[16][PATH_MAX];
static int directory_count;
static struct counts private_counts;
static struct counts *counts = &private_counts;
static bool is_active;

// The next definition of a function: libc's, libzmq's or oneDNN's.
#define REAL(name)                                        \
  ({                                                      \
    static _Atomic(void *) pointer;                       \
    if (!pointer) pointer = dlsym(RTLD_NEXT, #name);      \
    (__typeof__(&name))pointer;                           \
  })

static void give_up(const char *what) {
  fprintf(stderr, "faults: cannot understand %s\n", what);
  abort();
}

static int index_of(const char *word, const char *const *words, int count) {
  for (int i = 0; i < count; i++)
    if (strcmp(word, words[i]) == 0) return i;
  give_up(word);
  return 0;
}

static void parse_rules(const char *text) {
  char copy[4096];
  snprintf(copy, sizeof copy, "%s", text);
  char *rest = copy;
  for (char *part; (part = strsep(&rest, ";"));) {
    if (!*part) continue;
    char *call = strsep(&part, ":"), *nth = strsep(&part, ":");
    if (!nth || !part || rule_count == 64) give_up(text);
    char *end;
    struct rule rule = {.call = index_of(call, calls, CALLS), .nth = strtoull(nth, &end, 10)};
    rule.onwards = *end == '+';
    rule.action = index_of(part, actions, ACTIONS);
    if (rule.nth == 0 || end[rule.onwards]) give_up(text);
    rules[rule_count++] = rule;
  }
}

static void parse_directories(const char *text) {
  char copy[PATH_MAX * 4];
  snprintf(copy, sizeof copy, "%s", text);
  char *rest = copy;
  for (char *part; (part = strsep(&rest, ":")) && directory_count < 16;) {
    // Of one that is made later, as it is given.
    if (*part && !realpath(part, directories[directory_count])) snprintf(directories[directory_count], PATH_MAX, "%s", part);
    if (*part) directory_count++;
  }
}

static bool has_role(const char *role) {
  char line[4096] = {0};
  int descriptor = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/cmdline", O_RDONLY, 0);
  ssize_t size = read(descriptor, line, sizeof line - 1);
  close(descriptor);
  size_t first = strlen(line) + 1;
  return size > 0 && first < (size_t)size && strcmp(line + first, role) == 0;
}

static void map_counts(const char *path) {
  int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0 || ftruncate(descriptor, sizeof *counts) != 0) give_up(path);
  void *memory = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) give_up(path);
  counts = memory;
  close(descriptor);
}

__attribute__((constructor)) static void start(void) {
  const char *role = getenv("SONARSWEEP_FAULT_ROLE"), *path = getenv("SONARSWEEP_FAULT_PATH");
  const char *fault = getenv("SONARSWEEP_FAULT"), *log = getenv("SONARSWEEP_FAULT_LOG");
  if (role && *role && !has_role(role)) return;
  if (fault) parse_rules(fault);
  if (path) parse_directories(path);
  if (log && *log) map_counts(log);
  is_active = true;
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

// Counts a call and does what must happen before it; returns what is left for the caller to do.
static enum action next(enum call call) {
  uint64_t number = atomic_fetch_add(&counts->seen[call], 1) + 1;
  if (atomic_load(&counts->off)) return NONE;
  for (int i = 0; i < rule_count; i++) {
    struct rule rule = rules[i];
    if (rule.call != call || !(rule.onwards ? number >= rule.nth : number == rule.nth)) continue;
    atomic_fetch_add(&counts->failed[call], 1);
    switch (rule.action) {
      case KILL: die(); break;
      case STOP: kill(getpid(), SIGSTOP); return NONE;
      case HANG: for (;;) pause();
      default: return rule.action;
    }
  }
  return NONE;
}

// Whether the call is to fail; `errno` is set then.
static bool fails(enum action action) {
  if (action == FAIL_ENOSPC) errno = ENOSPC;
  if (action == FAIL_EIO || action == LOSE) errno = EIO;
  return action == FAIL_ENOSPC || action == FAIL_EIO || action == LOSE;
}

static long finish(enum action action, long result) {
  if (action == KILL_AFTER) die();
  return result;
}

static bool is_below(const char *path) {
  for (int i = 0; i < directory_count; i++) {
    size_t length = strlen(directories[i]);
    if (strncmp(path, directories[i], length) == 0 && (path[length] == '/' || !path[length])) return true;
  }
  return false;
}

static bool concerns_path(const char *path) {
  if (!is_active || !path) return false;
  char whole[PATH_MAX * 2];
  if (path[0] == '/') return is_below(path);
  char current[PATH_MAX];
  if (!getcwd(current, sizeof current)) return false;
  snprintf(whole, sizeof whole, "%s/%s", current, path);
  return is_below(whole);
}

// Whether the path is for something that is not there yet.
static bool creates(const char *path) {
  if (!concerns_path(path)) return false;
  int saved = errno;
  bool is_new = access(path, F_OK) != 0;
  errno = saved;
  return is_new;
}

static bool concerns(int descriptor) {
  if (!is_active || descriptor <= STDERR_FILENO || directory_count == 0) return false;
  int saved = errno;
  char link[64], path[PATH_MAX] = {0};
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = saved;
  return length > 0 && is_below(path);
}

// What files held before writes that are not synced yet, the newest first.
struct before {
  struct before *next;
  dev_t device;
  ino_t inode;
  off_t offset, size;
  size_t length;
  char bytes[];
};
static struct before *unsynced;
static pthread_mutex_t unsynced_lock = PTHREAD_MUTEX_INITIALIZER;

static bool remembers_writes(void) {
  for (int i = 0; i < rule_count; i++)
    if (rules[i].action == LOSE) return true;
  return false;
}

static void remember(int descriptor, size_t count, off_t offset) {
  struct stat file;
  if (!remembers_writes() || fstat(descriptor, &file) != 0) return;
  struct before *before = malloc(sizeof *before + count);
  // Through a descriptor of its own: the program's may be for writing only.
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  int reader = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDONLY | O_CLOEXEC, 0);
  ssize_t held = reader < 0 ? 0 : pread(reader, before->bytes, count, offset);
  close(reader);
  before->device = file.st_dev, before->inode = file.st_ino;
  before->offset = offset, before->size = file.st_size, before->length = held < 0 ? 0 : (size_t)held;
  pthread_mutex_lock(&unsynced_lock);
  before->next = unsynced;
  unsynced = before;
  pthread_mutex_unlock(&unsynced_lock);
}

// Forgets what a file held before, putting it back if it is to be lost.
static void settle(int descriptor, bool lose) {
  struct stat file;
  if (!remembers_writes() || fstat(descriptor, &file) != 0) return;
  pthread_mutex_lock(&unsynced_lock);
  for (struct before **place = &unsynced; *place;) {
    struct before *before = *place;
    if (before->device != file.st_dev || before->inode != file.st_ino) {
      place = &before->next;
      continue;
    }
    // The length of a file is kept, as file systems do: what was beyond the old end reads as zeros.
    if (lose) {
      off_t end = before->offset + (off_t)before->length;
      if (syscall(SYS_pwrite64, descriptor, before->bytes, before->length, before->offset) < 0) abort();
      if (end >= before->size && fstat(descriptor, &file) == 0 && file.st_size > before->size)
        if (ftruncate(descriptor, before->size) != 0 || ftruncate(descriptor, file.st_size) != 0) abort();
    }
    *place = before->next;
    free(before);
  }
  pthread_mutex_unlock(&unsynced_lock);
}

// Files

static size_t shortened(enum action action, size_t count) { return action == SHORT && count > 1 ? count / 2 : count; }

ssize_t write(int descriptor, const void *bytes, size_t count) {
  if (!concerns(descriptor)) return REAL(write)(descriptor, bytes, count);
  enum action action = next(WRITE);
  if (fails(action)) return -1;
  remember(descriptor, count, lseek(descriptor, 0, SEEK_CUR));
  return finish(action, REAL(write)(descriptor, bytes, shortened(action, count)));
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  if (!concerns(descriptor)) return REAL(pwrite64)(descriptor, bytes, count, offset);
  enum action action = next(WRITE);
  if (fails(action)) return -1;
  remember(descriptor, count, offset);
  return finish(action, REAL(pwrite64)(descriptor, bytes, shortened(action, count), offset));
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  return pwrite64(descriptor, bytes, count, offset);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  if (!concerns(descriptor)) return REAL(writev)(descriptor, parts, count);
  enum action action = next(WRITE);
  if (fails(action)) return -1;
  size_t length = 0;
  for (int i = 0; i < count; i++) length += parts[i].iov_len;
  remember(descriptor, length, lseek(descriptor, 0, SEEK_CUR));
  if (action == SHORT && count > 0) return REAL(write)(descriptor, parts[0].iov_base, shortened(action, parts[0].iov_len));
  return finish(action, REAL(writev)(descriptor, parts, count));
}

static int synchronise(int descriptor, int (*real)(int)) {
  if (!concerns(descriptor)) return real(descriptor);
  enum action action = next(SYNC);
  if (action == LOSE) settle(descriptor, true);
  if (fails(action)) return -1;
  int result = real(descriptor);
  settle(descriptor, false);
  return (int)finish(action, result);
}

int fsync(int descriptor) { return synchronise(descriptor, REAL(fsync)); }
int fdatasync(int descriptor) { return synchronise(descriptor, REAL(fdatasync)); }

int rename(const char *from, const char *to) {
  if (!concerns_path(to)) return REAL(rename)(from, to);
  enum action action = next(RENAME);
  if (fails(action)) return -1;
  return (int)finish(action, REAL(rename)(from, to));
}

int mkdir(const char *path, mode_t mode) {
  if (!creates(path)) return REAL(mkdir)(path, mode);
  enum action action = next(OPEN);
  if (fails(action)) return -1;
  return (int)finish(action, REAL(mkdir)(path, mode));
}

static int open_file(int directory, const char *path, int flags, va_list arguments) {
  mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
  enum action action = flags & O_CREAT && creates(path) ? next(OPEN) : NONE;
  if (fails(action)) return -1;
  return (int)finish(action, syscall(SYS_openat, directory, path, flags, mode));
}

#define OPEN_AS(name, parameters, directory)                      \
  int name parameters {                                           \
    va_list arguments;                                            \
    va_start(arguments, flags);                                   \
    int result = open_file(directory, path, flags, arguments);    \
    va_end(arguments);                                            \
    return result;                                                \
  }

OPEN_AS(open, (const char *path, int flags, ...), AT_FDCWD)
OPEN_AS(open64, (const char *path, int flags, ...), AT_FDCWD)
OPEN_AS(openat, (int directory, const char *path, int flags, ...), directory)
OPEN_AS(openat64, (int directory, const char *path, int flags, ...), directory)

// Messages and computing; declared here, so that building this needs neither library's headers.

int zmq_send(void *socket, const void *bytes, size_t count, int flags);
int zmq_msg_send(void *message, void *socket, int flags);
int zmq_recv(void *socket, void *bytes, size_t count, int flags);
int zmq_msg_recv(void *message, void *socket, int flags);
int dnnl_primitive_execute(const void *primitive, void *stream, int count, const void *arguments);

int zmq_send(void *socket, const void *bytes, size_t count, int flags) {
  enum action action = is_active ? next(SEND) : NONE;
  if (fails(action)) return -1;
  return (int)finish(action, REAL(zmq_send)(socket, bytes, count, flags));
}

int zmq_msg_send(void *message, void *socket, int flags) {
  enum action action = is_active ? next(SEND) : NONE;
  if (fails(action)) return -1;
  return (int)finish(action, REAL(zmq_msg_send)(message, socket, flags));
}

// Only a message that came counts, so what happens "before" is before the program sees it.
int zmq_recv(void *socket, void *bytes, size_t count, int flags) {
  int result = REAL(zmq_recv)(socket, bytes, count, flags);
  enum action action = is_active && result >= 0 ? next(RECEIVE) : NONE;
  return fails(action) ? -1 : (int)finish(action, result);
}

int zmq_msg_recv(void *message, void *socket, int flags) {
  int result = REAL(zmq_msg_recv)(message, socket, flags);
  enum action action = is_active && result >= 0 ? next(RECEIVE) : NONE;
  return fails(action) ? -1 : (int)finish(action, result);
}

int dnnl_primitive_execute(const void *primitive, void *stream, int count, const void *arguments) {
  enum action action = is_active ? next(COMPUTE) : NONE;
  if (fails(action)) return 5;  // dnnl_runtime_error
  return (int)finish(action, REAL(dnnl_primitive_execute)(primitive, stream, count, arguments));
}
