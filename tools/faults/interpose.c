/* For LD_PRELOAD, by tools/faults/run: the n-th call that changes something below a directory fails, is cut short, or is the
   last one of its process. Calls are counted over all processes of the program that is meant, in a file that they map. No
   sync reaches the disk: a power cut is simulated from the notes of what a sync would have brought there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN = 1, WRITE = 2, TRUNCATE = 4, RENAME = 8, MKDIR = 16, LINK = 32, UNLINK = 64, CHMOD = 128, TIMES = 256,
       SYNC = 512, CLOSE = 1024, ALL = 2047, ROOM = OPEN | WRITE | TRUNCATE | RENAME | MKDIR | LINK | SYNC | CLOSE,
       RIGHTS = OPEN | RENAME | MKDIR | LINK | UNLINK | CHMOD | TIMES };

static const struct act { const char *name; int calls, error, lasts; } k_acts[] = {
  {"ENOSPC", ROOM, ENOSPC, 0}, {"full", ROOM, ENOSPC, 1}, {"EIO", ALL, EIO, 0}, {"EACCES", RIGHTS, EACCES, 0},
  {"short", WRITE, 0, 0}, {"kill", ALL, 0, 0}};

static const struct act *act; /* none: this process is not meant */
static const char *below, *synced;
static _Atomic long *counter;
static long at;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
  const char *program = getenv("FAULTS_PROGRAM"), *file = getenv("FAULTS_COUNT"), *name = getenv("FAULTS_ACT");
  if (!program || !file || !name || strcmp(program, program_invocation_short_name) != 0) return;
  below = getenv("FAULTS_BELOW");
  synced = getenv("FAULTS_SYNCED");
  at = atol(getenv("FAULTS_AT"));
  int fd = REAL(open)(file, O_RDWR | O_CLOEXEC);
  counter = mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  REAL(close)(fd);
  if (counter == MAP_FAILED) abort();
  for (size_t i = 0; i < sizeof k_acts / sizeof *k_acts; ++i)
    if (strcmp(k_acts[i].name, name) == 0) act = &k_acts[i];
}

/* Where a path leads, as far as links in it do not matter; of a descriptor where `path` is empty. */
static int is_below(int dir, const char *path) {
  char where[2 * PATH_MAX] = "", link[64];
  if (path[0] != '/') {
    if (dir == AT_FDCWD) strcpy(link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
    const ssize_t n = readlink(link, where, PATH_MAX);
    if (n < 0) return 0;
    where[n] = '/';
    where[n + 1] = 0;
  }
  strncat(where, path, PATH_MAX - 1);
  const size_t size = strlen(below);
  return strncmp(where, below, size) == 0 && where[size] == '/';
}

enum { PASS = 0, CUT = -1 };
/* What becomes of a call: PASS, CUT or an error's number. */
static int fault(int call, const char *name, int dir, const char *path) {
  if (!act || !(act->calls & call)) return PASS;
  if (synced && call != SYNC) return PASS;
  const int kept = errno;
  if (!is_below(dir, path)) { errno = kept; return PASS; }
  const long n = atomic_fetch_add(counter, 1) + 1;
  if (n != at && !(act->lasts && at > 0 && n > at)) { errno = kept; return PASS; }
  const char *log = getenv("FAULTS_LOG");
  FILE *out = log ? fopen(log, "a") : NULL;
  if (out) {
    fprintf(out, "%s %s\n", name, path);
    fclose(out);
  }
  if (strcmp(act->name, "kill") == 0) kill(getpid(), SIGKILL);
  errno = kept;
  return act->error ? act->error : CUT;
}

#define FAIL_IF(call, dir, path)                        \
  do {                                                  \
    const int why = fault(call, __func__, dir, path);   \
    if (why > 0) { errno = why; return -1; }            \
  } while (0)

static int writes(int flags) { return (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0; }
static mode_t mode_of(int flags, va_list list) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; }
#define MODE(flags) va_list list; va_start(list, flags); const mode_t mode = mode_of(flags, list); va_end(list)

int open(const char *path, int flags, ...) {
  MODE(flags);
  if (writes(flags)) FAIL_IF(OPEN, AT_FDCWD, path);
  return REAL(open)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  MODE(flags);
  if (writes(flags)) FAIL_IF(OPEN, AT_FDCWD, path);
  return REAL(open)(path, flags | O_LARGEFILE, mode);
}
int openat(int dir, const char *path, int flags, ...) {
  MODE(flags);
  if (writes(flags)) FAIL_IF(OPEN, dir, path);
  return REAL(openat)(dir, path, flags, mode);
}
int openat64(int dir, const char *path, int flags, ...) {
  MODE(flags);
  if (writes(flags)) FAIL_IF(OPEN, dir, path);
  return REAL(openat)(dir, path, flags | O_LARGEFILE, mode);
}
int mkstemp(char *path) { FAIL_IF(OPEN, AT_FDCWD, path); return REAL(mkstemp)(path); }
int mkstemp64(char *path) { FAIL_IF(OPEN, AT_FDCWD, path); return REAL(mkstemp)(path); }

ssize_t write(int fd, const void *data, size_t size) {
  const int why = fault(WRITE, __func__, fd, "");
  if (why > 0) { errno = why; return -1; }
  return REAL(write)(fd, data, why == CUT && size > 1 ? size / 2 : size);
}
int ftruncate(int fd, off_t size) { FAIL_IF(TRUNCATE, fd, ""); return REAL(ftruncate)(fd, size); }
int ftruncate64(int fd, off_t size) { FAIL_IF(TRUNCATE, fd, ""); return REAL(ftruncate)(fd, size); }
int fallocate(int fd, int mode, off_t from, off_t size) {
  FAIL_IF(TRUNCATE, fd, "");
  return REAL(fallocate)(fd, mode, from, size);
}

int rename(const char *from, const char *to) { FAIL_IF(RENAME, AT_FDCWD, to); return REAL(rename)(from, to); }
int renameat(int a, const char *from, int b, const char *to) { FAIL_IF(RENAME, b, to); return REAL(renameat)(a, from, b, to); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
  FAIL_IF(RENAME, b, to);
  return REAL(renameat2)(a, from, b, to, flags);
}
int mkdir(const char *path, mode_t mode) { FAIL_IF(MKDIR, AT_FDCWD, path); return REAL(mkdir)(path, mode); }
int mkdirat(int dir, const char *path, mode_t mode) { FAIL_IF(MKDIR, dir, path); return REAL(mkdirat)(dir, path, mode); }
int link(const char *from, const char *to) { FAIL_IF(LINK, AT_FDCWD, to); return REAL(link)(from, to); }
int linkat(int a, const char *from, int b, const char *to, int flags) {
  FAIL_IF(LINK, b, to);
  return REAL(linkat)(a, from, b, to, flags);
}
int symlink(const char *target, const char *path) { FAIL_IF(LINK, AT_FDCWD, path); return REAL(symlink)(target, path); }
int symlinkat(const char *target, int dir, const char *path) {
  FAIL_IF(LINK, dir, path);
  return REAL(symlinkat)(target, dir, path);
}
int unlink(const char *path) { FAIL_IF(UNLINK, AT_FDCWD, path); return REAL(unlink)(path); }
int unlinkat(int dir, const char *path, int flags) { FAIL_IF(UNLINK, dir, path); return REAL(unlinkat)(dir, path, flags); }
int rmdir(const char *path) { FAIL_IF(UNLINK, AT_FDCWD, path); return REAL(rmdir)(path); }
int chmod(const char *path, mode_t mode) { FAIL_IF(CHMOD, AT_FDCWD, path); return REAL(chmod)(path, mode); }
int fchmod(int fd, mode_t mode) { FAIL_IF(CHMOD, fd, ""); return REAL(fchmod)(fd, mode); }
int fchmodat(int dir, const char *path, mode_t mode, int flags) {
  FAIL_IF(CHMOD, dir, path);
  return REAL(fchmodat)(dir, path, mode, flags);
}
int utimensat(int dir, const char *path, const struct timespec times[2], int flags) {
  FAIL_IF(TIMES, dir, path);
  return REAL(utimensat)(dir, path, times, flags);
}
int futimens(int fd, const struct timespec times[2]) { FAIL_IF(TIMES, fd, ""); return REAL(futimens)(fd, times); }

/* An error of close() is the last word of a file system that writes late; the descriptor is gone all the same. */
int close(int fd) {
  const int flags = act ? fcntl(fd, F_GETFL) : -1;
  const int why = flags >= 0 && !(flags & O_PATH) && (flags & O_ACCMODE) != O_RDONLY ? fault(CLOSE, __func__, fd, "") : PASS;
  const int result = REAL(close)(fd);
  if (why > 0) { errno = why; return -1; }
  return result;
}

/* A line for each file that a sync speaks of: whether it did it, and which file of which size and time. */
static FILE *notes;
static const char *verdict;
static void note(const struct stat *facts) {
  fprintf(notes, "%s %lu %ld %ld.%09ld\n", verdict, (unsigned long)facts->st_ino, (long)facts->st_size,
          (long)facts->st_mtim.tv_sec, facts->st_mtim.tv_nsec);
}
static int note_each(const char *path, const struct stat *facts, int type, struct FTW *place) {
  (void)path, (void)type, (void)place;
  if (S_ISREG(facts->st_mode)) note(facts);
  return 0;
}
static int sync_of(int fd, const char *name, int all) {
  const int why = fault(SYNC, name, fd, "");
  if (why > 0) usleep(200000); /* what is being transferred meanwhile comes in time to be lost, too */
  if (act && synced && is_below(fd, "")) {
    struct stat facts;
    notes = fopen(synced, "a");
    verdict = why > 0 ? "lost" : "synced";
    if (all) nftw(below, note_each, 16, FTW_PHYS);
    else if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode)) note(&facts);
    fclose(notes);
  }
  if (why <= 0) return 0;
  errno = why;
  return -1;
}
int fsync(int fd) { return sync_of(fd, __func__, 0); }
int fdatasync(int fd) { return sync_of(fd, __func__, 0); }
int syncfs(int fd) { return sync_of(fd, __func__, 1); }
int sync_file_range(int fd, off_t from, off_t size, unsigned flags) {
  (void)fd, (void)from, (void)size, (void)flags;
  return 0;
}
