/* jira_handlers_private.h: what the routes of the pretend Jira name; each handler is in the file of its subject. */
#ifndef SANDBOX_JIRA_HANDLERS_PRIVATE_H
#define SANDBOX_JIRA_HANDLERS_PRIVATE_H

struct sandbox_call;

void sj_issue_post(struct sandbox_call *c);
void sj_issue_get(struct sandbox_call *c);
void sj_issue_put(struct sandbox_call *c);
void sj_issue_delete(struct sandbox_call *c);
void sj_property_list(struct sandbox_call *c);
void sj_property_get(struct sandbox_call *c);
void sj_property_put(struct sandbox_call *c);
void sj_property_delete(struct sandbox_call *c);
void sj_comment_list(struct sandbox_call *c);
void sj_comment_get(struct sandbox_call *c);
void sj_comment_post(struct sandbox_call *c);
void sj_transition_list(struct sandbox_call *c);
void sj_transition_post(struct sandbox_call *c);
void sj_remote_list(struct sandbox_call *c);
void sj_remote_post(struct sandbox_call *c);
void sj_remote_delete(struct sandbox_call *c);
void sj_remote_delete_one(struct sandbox_call *c);
void sj_link_post(struct sandbox_call *c);
void sj_link_get(struct sandbox_call *c);
void sj_link_delete(struct sandbox_call *c);
void sj_link_types(struct sandbox_call *c);
void sj_project_get(struct sandbox_call *c);
void sj_project_list(struct sandbox_call *c);
void sj_project_search(struct sandbox_call *c);
void sj_component_list(struct sandbox_call *c);
void sj_component_post(struct sandbox_call *c);
void sj_permitted(struct sandbox_call *c);
void sj_mypermissions(struct sandbox_call *c);
void sj_user_search(struct sandbox_call *c);
void sj_users_all(struct sandbox_call *c);
void sj_group_members(struct sandbox_call *c);
void sj_group_add(struct sandbox_call *c);
void sj_field_list(struct sandbox_call *c);
void sj_myself(struct sandbox_call *c);
void sj_server_info(struct sandbox_call *c);
void sj_search_jql(struct sandbox_call *c);
void sj_search_old(struct sandbox_call *c);

#endif
