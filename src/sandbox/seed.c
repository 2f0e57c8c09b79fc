/* What a sandbox holds when nobody says otherwise. */
#include "base/base.h"

#include "sandbox/sandbox_private.h"

#define SEED_TYPES "\"types\":[\"Task\",\"Bug\",\"Story\",\"Epic\"]"

static const char seed_jira_site[] =
    "\"deployment\":\"Cloud\","
    "\"users\":["
    "{\"accountId\":\"712020:bot\",\"name\":\"Sync "
    "Bot\",\"email\":\"bot@example.org\",\"token\":\"sandbox-jira-token\"},"
    "{\"accountId\":\"712020:ada\",\"name\":\"Ada Lovelace\",\"email\":\"ada@example.org\"},"
    "{\"accountId\":\"712020:grace\",\"name\":\"Grace Hopper\",\"email\":\"grace@example.org\"},"
    "{\"accountId\":\"712020:linus\",\"name\":\"Linus Roth\",\"email\":\"linus@example.org\"},"
    "{\"accountId\":\"712020:gone\",\"name\":\"Long Gone\",\"email\":\"gone@example.org\",\"active\":false}],"
    "\"priorities\":[\"Highest\",\"High\",\"Medium\",\"Low\",\"Lowest\",\"(none)\",\"None\",\"P1\",\"P2\",\"P3\","
    "\"P4\","
    "\"P5\"],"
    "\"resolutions\":[\"Done\",\"Fixed\",\"Won't Do\",\"Won't Fix\",\"Duplicate\",\"Invalid\",\"Cannot Reproduce\","
    "\"Works for me\",\"Incomplete\",\"Moved\",\"Inactive\"],"
    "\"statuses\":[{\"name\":\"Backlog\",\"category\":\"new\"},{\"name\":\"To Do\",\"category\":\"new\"},"
    "{\"name\":\"In Progress\",\"category\":\"indeterminate\"},{\"name\":\"In Review\",\"category\":\"indeterminate\"},"
    "{\"name\":\"Done\",\"category\":\"done\"},{\"name\":\"Closed\",\"category\":\"done\"},"
    "{\"name\":\"Cancelled\",\"category\":\"done\"}],"
    "\"link_types\":[{\"name\":\"Blocks\",\"inward\":\"is blocked by\",\"outward\":\"blocks\"},"
    "{\"name\":\"Relates\",\"inward\":\"relates to\",\"outward\":\"relates to\"},"
    "{\"name\":\"Duplicate\",\"inward\":\"is duplicated by\",\"outward\":\"duplicates\"},"
    "{\"name\":\"Problem/Incident\",\"inward\":\"is caused by\",\"outward\":\"causes\"}],"
    "\"fields\":[{\"id\":\"customfield_10319\",\"name\":\"Severity\",\"kind\":\"option\","
    "\"values\":[\"S1\",\"S2\",\"S3\",\"S4\",\"N/A\"]},"
    "{\"id\":\"customfield_10037\",\"name\":\"Story Points\",\"kind\":\"number\"}],";

static const char seed_jira_projects[] =
    "\"projects\":["
    "{\"key\":\"JB\",\"name\":\"Bridge Bin\"," SEED_TYPES
    ",\"components\":[\"Main\",\"Data Platform Infrastructure\",\"Data Quality\",\"Performance\"],"
    "\"transitions\":[{\"to\":\"Backlog\"},{\"to\":\"To Do\"},{\"to\":\"In Progress\"},{\"to\":\"In Review\"},"
    "{\"to\":\"Done\",\"resolution\":\"optional\"},{\"to\":\"Closed\",\"resolution\":\"optional\"},"
    "{\"to\":\"Cancelled\",\"resolution\":\"optional\"}]},"
    "{\"key\":\"DevTest\",\"name\":\"Developer Test\"," SEED_TYPES ",\"components\":[\"Main\"]},"
    "{\"key\":\"DEV\",\"name\":\"Development\"," SEED_TYPES
    ",\"components\":[\"Main\",\"Backend\",\"Frontend\",\"General\",\"Triage\"]},"
    "{\"key\":\"WEB\",\"name\":\"Web Compatibility\"," SEED_TYPES ",\"components\":[\"Layout\",\"Scripts\"]},"
    "{\"key\":\"OPS\",\"name\":\"Operations\"," SEED_TYPES ",\"components\":[\"Main\"],\"initial\":\"To Do\","
    "\"transitions\":[{\"name\":\"Start\",\"from\":[\"To Do\"],\"to\":\"In Progress\"},"
    "{\"name\":\"Review\",\"from\":[\"In Progress\"],\"to\":\"In Review\"},"
    "{\"name\":\"Resolve\",\"from\":[\"In Review\"],\"to\":\"Done\",\"resolution\":\"required\"},"
    "{\"name\":\"Reopen\",\"from\":[\"Done\"],\"to\":\"To Do\"},"
    "{\"name\":\"Cancel\",\"from\":[\"To Do\",\"In Progress\"],\"to\":\"Cancelled\",\"resolution\":\"optional\"}]},"
    "{\"key\":\"NOPERM\",\"name\":\"No Permissions\"," SEED_TYPES
    ",\"components\":[\"Main\"],\"permissions\":[\"BROWSE_PROJECTS\"]}],"
    "\"issues\":[{\"project\":\"DEV\",\"summary\":\"An issue that was here before\",\"type\":\"Bug\","
    "\"description\":\"With a description.\",\"labels\":[\"bugzilla\"]},"
    "{\"project\":\"WEB\",\"summary\":\"Another issue\",\"status\":\"In Progress\"},"
    "{\"project\":\"NOPERM\",\"summary\":\"Nobody may touch this\"}]";

static const char seed_bugzilla[] =
    "\"flavour\":\"mozilla\","
    "\"users\":["
    "{\"login\":\"reporter@example.org\",\"real_name\":\"Rita Reporter\"},"
    "{\"login\":\"bot@example.org\",\"real_name\":\"Sync Bot\",\"api_key\":\"sandbox-bugzilla-key\"},"
    "{\"login\":\"security@example.org\",\"real_name\":\"Sam Security\",\"api_key\":\"sandbox-privileged-key\","
    "\"privileged\":true},"
    "{\"login\":\"ada@example.org\",\"real_name\":\"Ada Lovelace\"}],"
    "\"statuses\":[\"UNCONFIRMED\",\"NEW\",\"ASSIGNED\",\"REOPENED\",\"CONFIRMED\",\"IN_PROGRESS\",\"RESOLVED\","
    "\"VERIFIED\",\"CLOSED\"],"
    "\"bugs\":["
    "{\"id\":1,\"product\":\"Firefox\",\"component\":\"General\",\"summary\":\"Crash on start\",\"type\":\"defect\","
    "\"whiteboard\":\"[devtest]\",\"severity\":\"S2\",\"priority\":\"P1\",\"creator\":\"reporter@example.org\","
    "\"blocks\":[3],\"comments\":[{\"creator\":\"reporter@example.org\",\"text\":\"It **crashes** when I start it.\"},"
    "{\"creator\":\"ada@example.org\",\"text\":\"I see it too.\"}]},"
    "{\"id\":2,\"product\":\"Firefox\",\"component\":\"General\",\"summary\":\"Make the button "
    "blue\",\"type\":\"task\","
    "\"whiteboard\":\"[nonprodtest]\",\"keywords\":[\"good-first-bug\"],\"assigned_to\":\"ada@example.org\","
    "\"status\":\"ASSIGNED\",\"comments\":[{\"creator\":\"reporter@example.org\",\"text\":\"Blue would be nice.\"}]},"
    "{\"id\":3,\"product\":\"Core\",\"component\":\"Graphics\",\"summary\":\"Meta bug of crashes\",\"type\":\"task\","
    "\"depends_on\":[1],\"comments\":[{\"creator\":\"ada@example.org\",\"text\":\"All crashes block this.\"}]},"
    "{\"id\":4,\"product\":\"Firefox\",\"component\":\"Sync\",\"summary\":\"Already linked\",\"type\":\"defect\","
    "\"whiteboard\":\"[dev]\",\"see_also\":[\"$BASE/jira/browse/DEV-1\"],\"status\":\"RESOLVED\","
    "\"resolution\":\"FIXED\",\"comments\":[{\"creator\":\"ada@example.org\",\"text\":\"Linked by hand.\"}]},"
    "{\"id\":5,\"product\":\"Core\",\"component\":\"Security\",\"summary\":\"A secret\",\"type\":\"defect\","
    "\"whiteboard\":\"[devtest]\",\"groups\":[\"core-security\"],"
    "\"comments\":[{\"creator\":\"security@example.org\",\"text\":\"Do not tell anybody.\"}]}],"
    "\"webhooks\":[{\"id\":1,\"name\":\"bridge\",\"url\":\"http://127.0.0.1:8080/bugzilla_webhook\","
    "\"header\":\"X-Api-Key\",\"key\":\"sandbox-hook-key\",\"product\":\"Any\",\"component\":\"Any\","
    "\"deliver\":false}]";

static const char seed_github[] =
    "\"users\":["
    "{\"login\":\"sync-bot\",\"name\":\"Sync Bot\",\"token\":\"sandbox-github-token\"},"
    "{\"login\":\"reader\",\"token\":\"sandbox-reader-token\",\"scopes\":\"read:user\"},"
    "{\"login\":\"ada\",\"name\":\"Ada Lovelace\"},{\"login\":\"grace\",\"name\":\"Grace Hopper\"},"
    "{\"login\":\"robot[bot]\",\"type\":\"Bot\"}],"
    "\"repos\":["
    "{\"full_name\":\"example/app\",\"description\":\"An application\",\"labels\":[\"bug\"],"
    "\"files\":{\"catalog-info.yaml\":\"apiVersion: backstage.io/v1alpha1\\nkind: Component\\nmetadata:\\n"
    "  name: app\\nspec:\\n  owner: user:ada\\n  lifecycle: production\\n\"},"
    "\"pulls\":[{\"title\":\"Make it faster\",\"author\":\"grace\",\"body\":\"It was slow.\",\"association\":"
    "\"FIRST_TIME_CONTRIBUTOR\"}],"
    "\"issues\":[{\"title\":\"It is slow\",\"author\":\"ada\",\"body\":\"Very.\",\"labels\":[\"bug\"]}]},"
    "{\"full_name\":\"example/secret\",\"private\":true}],"
    "\"boards\":[{\"org\":\"example\",\"number\":1,\"title\":\"Contributions\",\"fields\":["
    "{\"name\":\"Title\",\"type\":\"TITLE\"},{\"name\":\"Status\",\"type\":\"SINGLE_SELECT\",\"options\":[\"Todo\","
    "\"Done\"]},"
    "{\"name\":\"Date opened\",\"type\":\"DATE\"},{\"name\":\"Date merged/closed\",\"type\":\"DATE\"},"
    "\"Repo Owner / Owning Team\",{\"name\":\"Weight\",\"type\":\"NUMBER\"}]}]";

/* A literal in one piece would be longer than compilers must accept. */
char *sandbox_seed_text(void)
{
    struct text t;
    text_init(&t, 64 * 1024);
    text_addf(&t, "{\"jira\":{%s%s},", seed_jira_site, seed_jira_projects);
    text_addf(&t, "\"bugzilla\":{%s},\"github\":{%s}}", seed_bugzilla, seed_github);
    char *seed = mem_text(text_z(&t));
    text_free(&t);
    return seed;
}
