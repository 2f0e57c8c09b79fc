/*
 * file.h: whole small files, the environment, standard output. Blocking; for start-up, reload and the command line.
 */
#ifndef IO_FILE_H
#define IO_FILE_H

#include "base/base.h"
#include "base/log.h"

struct arena;

/* The whole file, terminated one byte behind its end. ERR_MISSING: "cannot read PATH: No such file or directory"; what
 * else is in the way is ERR_CONFIG. */
int file_read(struct arena *a, const char *path, size_t max_bytes, struct str *ret, struct err *e);
/* Replace the file as a whole: temporary file beside it, fsync, rename. CONFIG when that cannot be done. */
int file_write(const char *path, struct str content, struct err *e);
/* What the system says about an errno, "No such file or directory"; the text is in buf or static. */
enum { ERRNO_TEXT_BYTES = 128 };
const char *errno_text(int number, char buf[ERRNO_TEXT_BYTES]);
/* Sync the file `from`, give it the name `to`, and sync the folder that holds it. */
int file_settle(const char *from, const char *to, struct err *e);
/* Wait until no other process holds the folder of this path, and hold it until the descriptor is closed, or we end. */
int folder_hold(const char *path, int *ret_fd, struct err *e);
void folder_release(const int *fd);    /* -1 is fine */
void file_remove(const char *path);    /* no-op when it is not there */
const char *env_get(const char *name); /* NULL when unset */
/* path, if it is absolute, else the folder of `beside` + path. */
char *path_beside(struct arena *a, const char *beside, const char *path);
/* Is there such a file, folder or socket? */
bool path_exists(const char *path);
char *folder_current(struct arena *a);
/* A new private folder below $TMPDIR or /tmp; and its removal with all its files (no subfolders). */
int folder_temp(struct arena *a, const char *prefix, const char **ret, struct err *e);
void folder_remove(const char *path);
/* A log sink that writes to a file descriptor (1, 2). */
struct log_sink log_fd_sink(int fd);
void out_write(struct str s); /* standard output, all of it */
bool out_is_terminal(void);
unsigned err_columns(void); /* of the terminal that standard error is; 0: it is none, or one that only prints */
unsigned out_columns(void); /* likewise of standard output */

#endif
