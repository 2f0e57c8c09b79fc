/* The fields of a bug. */
#include "base/base.h"

#include "sandbox/bugzilla_private.h"

#define PLAIN(text, field, value) [text] = {field, NULL, value, false, false, false}
#define CUSTOM(nth, field)        [SB_CF_FIRST + (nth)] = {field, NULL, "", false, true, false}

const struct sb_text_row sb_texts[SB_TEXTS] = {
    PLAIN(SB_SUMMARY, "summary", ""),
    PLAIN(SB_WHITEBOARD, "whiteboard", ""),
    PLAIN(SB_STATUS, "status", "NEW"),
    PLAIN(SB_RESOLUTION, "resolution", ""),
    [SB_PRIORITY] = {"priority", NULL, "--", true, false, false},
    [SB_SEVERITY] = {"severity", NULL, "--", false, false, false},
    PLAIN(SB_PRODUCT, "product", "TestProduct"),
    PLAIN(SB_COMPONENT, "component", "TestComponent"),
    PLAIN(SB_VERSION, "version", "unspecified"),
    [SB_OP_SYS] = {"op_sys", "operating_system", "All", false, false, false},
    PLAIN(SB_PLATFORM, "platform", "All"),
    PLAIN(SB_TARGET_MILESTONE, "target_milestone", "---"),
    [SB_TYPE] = {"type", NULL, "defect", false, true, false},
    PLAIN(SB_URL, "url", ""),
    PLAIN(SB_ASSIGNED_TO, "assigned_to", "nobody@mozilla.org"),
    PLAIN(SB_QA_CONTACT, "qa_contact", ""),
    [SB_CLASSIFICATION] = {"classification", NULL, "Unclassified", false, false, true},
    PLAIN(SB_ALIAS, "alias", ""),
    [SB_CF_FX_POINTS] = {"cf_fx_points", NULL, "---", true, true, false},
    CUSTOM(0, "cf_status_firefox_beta"),
    CUSTOM(1, "cf_status_firefox_esr"),
    CUSTOM(2, "cf_status_firefox_nightly"),
    CUSTOM(3, "cf_status_firefox_release"),
    CUSTOM(4, "cf_status_thunderbird_beta"),
    CUSTOM(5, "cf_status_thunderbird_nightly"),
    CUSTOM(6, "cf_status_thunderbird_release"),
    CUSTOM(7, "cf_tracking_firefox_beta"),
    CUSTOM(8, "cf_tracking_firefox_esr"),
    CUSTOM(9, "cf_tracking_firefox_nightly"),
    CUSTOM(10, "cf_tracking_firefox_release"),
    CUSTOM(11, "cf_tracking_thunderbird_beta"),
    CUSTOM(12, "cf_tracking_thunderbird_nightly"),
    CUSTOM(13, "cf_tracking_thunderbird_release"),
    CUSTOM(14, "cf_user_story"),
};

const struct sb_list_row sb_lists[SB_LISTS] = {
    [SB_KEYWORDS] = {"keywords", false, -1, false, false},
    [SB_GROUPS] = {"groups", false, -1, false, false},
    [SB_SEE_ALSO] = {"see_also", false, SB_SEE_ALSO, false, false},
    [SB_CC] = {"cc", false, -1, false, false},
    [SB_DEPENDS_ON] = {"depends_on", true, SB_BLOCKS, false, false},
    [SB_BLOCKS] = {"blocks", true, SB_DEPENDS_ON, false, false},
    [SB_REGRESSED_BY] = {"regressed_by", true, SB_REGRESSIONS, true, false},
    [SB_REGRESSIONS] = {"regressions", true, SB_REGRESSED_BY, true, false},
    [SB_DUPLICATES] = {"duplicates", true, -1, true, true},
};

int sb_text_find(const char *name)
{
    for (int i = 0; name && i < SB_TEXTS; i++)
        if (strcmp(sb_texts[i].name, name) == 0 || text_same(sb_texts[i].hook, name))
            return i;
    return -1;
}

int sb_list_find(const char *name)
{
    for (int i = 0; name && i < SB_LISTS; i++)
        if (strcmp(sb_lists[i].name, name) == 0)
            return i;
    return -1;
}
