/* github_handlers_private.h: what the routes of the pretend GitHub name, and its limits. */
#ifndef SANDBOX_GITHUB_HANDLERS_PRIVATE_H
#define SANDBOX_GITHUB_HANDLERS_PRIVATE_H

#include "sandbox/sandbox_private.h"

/* github_limits.c: the primary limit, and how fast one may write. False: it is over, and the answer says so. */
bool sg_limits_take(struct sandbox_call *c);
void sg_limits_give_back(struct sandbox_call *c); /* an answer 304 does not count */
void sg_limits_headers(struct sandbox_call *c);
void sg_rate_limit(struct sandbox_call *c);

void sg_app_get(struct sandbox_call *c);
void sg_app_installations(struct sandbox_call *c);
void sg_app_grant(struct sandbox_call *c);
void sg_app_repositories(struct sandbox_call *c);
void sg_me(struct sandbox_call *c);
void sg_user_get(struct sandbox_call *c);
void sg_meta(struct sandbox_call *c);
void sg_zen(struct sandbox_call *c);
void sg_repo_get(struct sandbox_call *c);
void sg_repo_list(struct sandbox_call *c);
void sg_contents(struct sandbox_call *c);
void sg_label_list(struct sandbox_call *c);
void sg_label_get(struct sandbox_call *c);
void sg_label_post(struct sandbox_call *c);
void sg_label_patch(struct sandbox_call *c);
void sg_label_delete(struct sandbox_call *c);
void sg_status_list(struct sandbox_call *c);
void sg_status_post(struct sandbox_call *c);
void sg_pull_list(struct sandbox_call *c);
void sg_pull_get(struct sandbox_call *c);
void sg_pull_patch(struct sandbox_call *c);
void sg_issue_list(struct sandbox_call *c);
void sg_issue_post(struct sandbox_call *c);
void sg_issue_get(struct sandbox_call *c);
void sg_issue_patch(struct sandbox_call *c);
void sg_issue_labels(struct sandbox_call *c);
void sg_issue_labels_post(struct sandbox_call *c);
void sg_issue_labels_put(struct sandbox_call *c);
void sg_issue_labels_delete(struct sandbox_call *c);
void sg_issue_label_delete(struct sandbox_call *c);
void sg_comment_list(struct sandbox_call *c);
void sg_comment_post(struct sandbox_call *c);
void sg_comment_get(struct sandbox_call *c);
void sg_comment_patch(struct sandbox_call *c);
void sg_comment_delete(struct sandbox_call *c);

/* github_control.c: control of it, below /_sandbox/github; listed there. */
struct json;
void sg_hook_put(struct sandbox_call *c, const struct json *from); /* a hook of control's or of a seed's list */
void sg_control_state(struct sandbox_call *c, struct json_out *o);
void sg_control_user(struct sandbox_call *c);
void sg_control_app(struct sandbox_call *c);          /* github_app.c */
void sg_control_app_withdraw(struct sandbox_call *c); /* likewise */
void sg_control_repo_get(struct sandbox_call *c);
void sg_control_repo_put(struct sandbox_call *c);
void sg_control_rename(struct sandbox_call *c);
void sg_control_file_put(struct sandbox_call *c);
void sg_control_file_delete(struct sandbox_call *c);
void sg_control_issues(struct sandbox_call *c);
void sg_control_issue(struct sandbox_call *c);
void sg_control_open(struct sandbox_call *c);
void sg_control_act(struct sandbox_call *c);
void sg_control_board_get(struct sandbox_call *c);
void sg_control_board_put(struct sandbox_call *c);
void sg_control_hooks(struct sandbox_call *c);
void sg_control_hook_post(struct sandbox_call *c);
void sg_control_hook_put(struct sandbox_call *c);
void sg_control_hook_delete(struct sandbox_call *c);
void sg_control_deliveries(struct sandbox_call *c);
void sg_control_redeliver(struct sandbox_call *c);
void sg_control_fill(struct sandbox_call *c);
/* github_pages.c */
void sg_page_home(struct sandbox_call *c);
void sg_page_issue(struct sandbox_call *c);
void sg_page_raw(struct sandbox_call *c);

#endif
