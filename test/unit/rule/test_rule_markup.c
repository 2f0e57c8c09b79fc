/* Every construct of Markdown, and what Jira is sent for it. */
#include "base/base.h"
#include "rule/markup.h"

#include <setjmp.h>

#include <cmocka.h>

#include "base/arena.h"

struct pair {
    const char *markdown, *jira;
};

static void pairs_hold(const struct pair *pairs, size_t n, unsigned flags)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    for (size_t i = 0; i < n; i++) {
        const char *jira = markup_to_jira(a, pairs[i].markdown, flags);
        if (strcmp(jira, pairs[i].jira) != 0)
            print_message("--- markdown\n%s\n", pairs[i].markdown);
        assert_string_equal(jira, pairs[i].jira);
    }
}
#define PAIRS_HOLD(...)                                                                                                \
    static const struct pair pairs[] = {__VA_ARGS__};                                                                  \
    (void)state;                                                                                                       \
    pairs_hold(pairs, COUNT(pairs), 0)

static void test_headings(void **state)
{
    PAIRS_HOLD({"# Title", "h1. {anchor:title}Title"}, {"###### Six", "h6. {anchor:six}Six"},
               {"Title\n=====", "h1. {anchor:title}Title"}, {"Title\n---", "h2. {anchor:title}Title"},
               {"A\nB\n===", "h1. {anchor:a-b}A B"}, {"A\\\nB\n===", "h1. {anchor:a-b}A \\\\ B"},
               {"# A\n# A\n## A", "h1. {anchor:a}A\nh1. {anchor:a-1}A\nh2. {anchor:a-2}A"},
               {"# Foo & Bar, v1.2_x-y!", "h1. {anchor:foo--bar-v12_x-y}Foo & Bar, v1.2_x-y\\!"},
               {"# Über *Straße* `x y`", "h1. {anchor:über-straße-x-y}Über _Straße_ {{x y}}"},
               {"# “Смерть” — 日本", "h1. {anchor:смерть--日本}“Смерть” — 日本"},
               {"# :bug: x", "h1. {anchor:bug-x}🐛 x"}, {"# [t](u)", "h1. {anchor:t}[t|u]"}, {"#", "h1. {anchor:}"},
               {"# h2. x", "h1. {anchor:h2-x}h2&#46; x"}, {"#nospace", "#nospace"},
               {"####### seven", "\\####### seven"}, );
}

static void test_sequence(void **state)
{
    PAIRS_HOLD({"a\n\n\n\nb", "a\n\nb"}, {"# A\n\na", "h1. {anchor:a}A\na"}, {"a\n\n***\n\nb", "a\n\n----\nb"},
               {"---", "----"}, {"___\n\n***", "----\n----"}, {"> q\n\na", "bq. q\na"},
               {"    c\n\na", "{noformat}\nc{noformat}\na"}, {"- a\n\nb\n\n- c", "* a\n\nb\n\n* c"},
               {"|a|\n|-|\n\nb", "|| a ||\n\nb"}, {"a\n- b", "a\n\n* b"}, {"", ""}, {" \n\n ", ""}, {"\n\na\n\n", "a"},
               {"a\r\nb\r\n\r\nc", "a b\n\nc"}, {"a\rb", "a b"}, {"- a\n\n1. b", "* a\n\n# b"}, {"[x]: u\n\na", "a"},
               {"&nbsp;a&nbsp;", "a"}, );
}

static void test_breaks(void **state)
{
    PAIRS_HOLD({"a\nb", "a b"}, {"a  \nb", "a\nb"}, {"a\\\nb", "a\nb"}, {"a<br>b", "a\nb"}, {"a<br />\nb", "a\nb"},
               {"a<BR/>b", "a\nb"}, {"a<br><br>b", "a\nb"}, {"a<br>", "a"}, {"a\tb   c", "a b c"},
               {"|a|\n|-|\n|b<br>c|", "|| a ||\n| b \\\\ c |"}, {"[a  \nb](u)", "[a b|u]"}, {"**a  \nb**", "*a\nb*"},
               {"- a  \n  b", "* a\nb"}, {"> a  \n> b", "{quote}\na\nb\n{quote}"}, );
}

static void test_kept_lines(void **state)
{
    (void)state;
    static const struct pair pairs[] = {{"a\nb", "a\nb"},
                                        {"- a\n  b", "* a\nb"},
                                        {"> a\n> b", "{quote}\na\nb\n{quote}"},
                                        {"> a", "bq. a"},
                                        {"> a\n>\n> > b\n> > c", "{quote}\na\n\nbq. b \\\\ c\n{quote}"},
                                        {"A\nB\n===", "h1. {anchor:a-b}A \\\\ B"},
                                        {"[a\nb](u)", "[a b|u]"},
                                        {"![a\nb](u)", "!u|alt=a b!"},
                                        {"a\n#\\# b\nh1. c\n\\- d\n|e\n", "a\n\\## b\nh1&#46; c\n\\- d\n\\|e"},
                                        {"a\nbq. b\n\\---- c", "a\nbq&#46; b\n\\-\\-\\-\\- c"},
                                        {"a\n\nb", "a\n\nb"},
                                        {"**a**\n**b**", "*a*\n*b*"}};
    pairs_hold(pairs, COUNT(pairs), MARKUP_KEEP_LINES);
}

static void test_emphasis(void **state)
{
    PAIRS_HOLD({"**b** __b__", "*b* *b*"}, {"*i* _i_", "_i_ _i_"}, {"***x***", "_*x*_"}, {"~~s~~", "-s-"},
               {"~s~", "\\~s\\~"}, {"**a *b* c**", "*a _b_ c*"}, {"a**b**c", "a{*}b{*}c"}, {"a*b*c", "a{_}b{_}c"},
               {"a~~b~~c", "a{-}b{-}c"}, {"**b**c", "{*}b{*}c"}, {"**b**1", "{*}b{*}1"}, {"a**b**", "a{*}b{*}"},
               {"\"**b**\"", "\"{*}b{*}\""}, {"(**b**)", "\\(*b*)"}, {"**b**.", "*b*."}, {"x:**b**", "x:*b*"},
               {"?**b**", "?*b*"}, {"é**x**é", "é{*}x{*}é"}, {"日本**語**。", "日本{*}語{*}。"}, {"**語**。", "*語*。"},
               {"a <b>**x**</b> c", "a *x* c"}, {"a<i></i>**x**", "a{*}x{*}"}, {"`a`**b**", "{{a}}*b*"},
               {"**a**`b`", "*a*{{b}}"}, {"[x](u)**b**", "[x|u]*b*"}, {"**a**\n**b**", "*a* *b*"},
               {"5*6*7", "5{_}6{_}7"}, {"snake_case_name", "snake_case_name"}, {"**not", "\\*\\*not"}, );
}

static void test_code(void **state)
{
    PAIRS_HOLD({"`code`", "{{code}}"}, {"`a*b`", "{{a*b}}"}, {"`*a*`", "{{\\*a\\*}}"}, {"`{x}`", "{{\\{x\\}}}"},
               {"`:smile: $x$`", "{{:smile: $x$}}"}, {"`` a`b ``", "{{a`b}}"}, {"`a\\b`", "{{a\\b}}"},
               {"x`y`z", "x{{y}}z"}, {"```\nx\n\ny\n```", "{noformat}\nx\n\ny{noformat}"},
               {"    x\n      y", "{noformat}\nx\n  y{noformat}"}, {"```c++ linenos\nx\n```", "{code:c++}\nx\n{code}"},
               {"~~~ unknown\nx\n~~~", "{code:unknown}\nx\n{code}"}, {"```{.py}\nx\n```", "{noformat}\nx{noformat}"},
               {"```\n```", "{noformat}\n{noformat}"}, {"```a\n```", "{code:a}\n\n{code}"},
               {"```\n*x* {y} \\\n# z\n```", "{noformat}\n*x* {y} \\\n# z{noformat}"},
               {"```\na{noformat}b\n```", "{code}\na{noformat}b\n{code}"},
               {"```c\na{code}b\n```", "{noformat}\na{code}b{noformat}"},
               {"```c\n{code}{noformat}\n```", "{code:c}\n{\xe2\x80\x8b"
                                               "code}{noformat}\n{code}"},
               {"```\nC:\\\n```", "{noformat}\nC:\\\n{noformat}"}, {"```\na\r\nb\r\n```", "{noformat}\na\nb{noformat}"},
               {"```a|b}c\nx\n```", "{code:abc}\nx\n{code}"}, {"```\nopen", "{noformat}\nopen{noformat}"}, );
}

static void test_lists(void **state)
{
    PAIRS_HOLD({"- a\n- b", "* a\n* b"}, {"* a", "* a"}, {"+ a", "* a"}, {"1. a\n2. b", "# a\n# b"}, {"7) a", "# a"},
               {"- a\n  - b\n    - c\n- d", "* a\n** b\n*** c\n* d"}, {"1. a\n   1. b", "# a\n## b"},
               {"- a\n  1. b\n     - c", "* a\n*# b\n*#* c"}, {"1. a\n   - b\n2. c", "# a\n#* b\n# c"},
               {"- a\n\n- b", "* a\n* b"}, {"- a\n\n  b", "* a\nb"}, {"- a\n\n  > b", "* a\nbq. b"},
               {"- a\n\n      c", "* a\n{noformat}\nc{noformat}"},
               {"- a\n  ```c\n  d\n  ```\n- e", "* a\n{code:c}\nd\n{code}\n* e"},
               {"- a\n\n  b\n  - c\n\n  d", "* a\nb\n** c\nd"}, {"- - a\n  - b\n- c", "** a\n** b\n* c"},
               {"- a\n-\n- b", "* a\n* \n* b"}, {"- # H\n  a", "* h1. {anchor:h}H\na"},
               {"- > a\n  >\n  > b\n- c", "* {quote}\na\nb\n{quote}\n* c"},
               {"- > - a\n- b", "* {quote}\n* a\n{quote}\n* b"},
               {"- | a |\n  |---|\n  | b |\n- c", "* || a ||\n| b |\n* c"},
               {"- [ ] t\n- [x] u\n- [X] v", "* ☐ t\n* ☒ u\n* ☒ v"}, {"- [ ] a\n  - [x] b", "* ☐ a\n** ☒ b"},
               {"1. [ ] a", "# ☐ a"}, {"- [y] t", "* \\[y\\] t"}, {"- a\n- b\n\npara", "* a\n* b\n\npara"},
               {"- a<br>- b", "* a\n\\- b"}, );
}

static void test_quotes(void **state)
{
    PAIRS_HOLD({"> a", "bq. a"}, {"> a\n> b", "bq. a b"}, {"> a\n>\n> b", "{quote}\na\n\nb\n{quote}"},
               {"> a\n> > b", "{quote}\na\n\nbq. b\n{quote}"}, {"> # H\n> t", "{quote}\nh1. {anchor:h}H\nt\n{quote}"},
               {"> - a\n> - b", "{quote}\n* a\n* b\n{quote}"},
               {"> ```\n> x\n> ```", "{quote}\n{noformat}\nx{noformat}\n{quote}"}, {"> > a", "{quote}\nbq. a\n{quote}"},
               {"> a\n>\n> > b\n> >\n> > c", "{quote}\na\n\nbq. b\nbq. c\n{quote}"}, {">", ""},
               {"> a\n\n> b", "bq. a\nbq. b"}, {"> # x\n\ny", "{quote}\nh1. {anchor:x}x\n{quote}\ny"},
               {"> [!NOTE]\n> a", "Note\n\na"}, {"> [!TIP]\n> a\n>\n> b\n\nc", "Tip\n\na\n\nb\n\nc"},
               {"> [!IMPORTANT]\n> - a", "Important\n\n* a"}, {"> [!WARNING]\n> a", "Warning\n\na"},
               {"> [!caution]\n> a", "Caution\n\na"}, {"> [!NOTE] a", "bq. \\[\\!NOTE\\] a"},
               {"> [!OTHER]\n> a", "bq. \\[\\!OTHER\\] a"}, {"> [!NOTE]", "Note"},
               {"- > [!NOTE]\n  > a", "* Note\na"}, );
}

static void test_tables(void **state)
{
    PAIRS_HOLD({"| a | b |\n|---|:-:|\n| 1 | 2 |", "|| a || b ||\n| 1 | 2 |"},
               {"a | b\n--|--\n1 | 2", "|| a || b ||\n| 1 | 2 |"}, {"|a|b|\n|-|-|\n|1||", "|| a || b ||\n| 1 |  |"},
               {"|a|b|\n|-|-|\n|1|", "|| a || b ||\n| 1 |  |"}, {"|a|\n|-|\n|x\\|y|", "|| a ||\n| x\\|y |"},
               {"|a|\n|-|\n|`x\\|y`|", "|| a ||\n| {{x\\|y}} |"},
               {"|a|\n|-|\n|**b** [t](u)|", "|| a ||\n| *b* [t|u] |"},
               {"|a|\n|-|\n|![t](u)|", "|| a ||\n| !u|alt=t! |"}, {"|a|\n|-|\n|h1. x|", "|| a ||\n| h1&#46; x |"},
               {"|a|\n|-|\n|# x|", "|| a ||\n| \\# x |"}, {"|a|\n|-|\n|- x|", "|| a ||\n| \\- x |"}, {"x|y", "x|y"},
               {"x | y", "x | y"}, );
}

static void test_links(void **state)
{
    PAIRS_HOLD({"[t](u)", "[t|u]"}, {"[t](u \"title\")", "[t|u]"}, {"[t][r]\n\n[r]: http://u", "[t|http://u]"},
               {"[r]\n\n[r]: #a", "[r|#a]"}, {"[*x* y](../u)", "[_x_ y|../u]"}, {"[](u)", "[u]"}, {"[](#a)", "[#a]"},
               {"[t]()", "t"}, {"[`c`](u)", "[{{c}}|u]"}, {"<http://u.x>", "[http://u.x]"},
               {"http://a.b/c.", "[http://a.b/c]."}, {"see https://x.y/a_b*c ok", "see [https://x.y/a_b*c] ok"},
               {"ftp://a.b", "[ftp://a.b]"}, {"www.x.y.", "[www.x.y|http://www.x.y]."}, {"a@b.c", "[mailto:a@b.c]"},
               {"<a@b.c>", "[mailto:a@b.c]"}, {"[http://u](http://u)", "[http://u]"}, {"[a|b](u)", "[a\\|b|u]"},
               {"[a\\]b](u)", "[a\\]b|u]"}, {"[x](~user)", "[x|%7Euser]"}, {"[x](^file)", "[x|%5Efile]"},
               {"[x](<a b|c]>)", "[x|a%20b%7Cc%5D]"}, {"[x](a{b}c)", "[x|a%7Bb%7Dc]"}, {"[x](u~v)", "[x|u~v]"},
               {"a[b](u)c", "a[b|u]c"}, {"[not](", "\\[not\\]\\("}, );
}

static void test_images(void **state)
{
    PAIRS_HOLD({"![alt](u \"t\")", "!u|title=t, alt=alt!"}, {"![alt](u)", "!u|alt=alt!"}, {"![](u)", "!u!"},
               {"![](u \"t\")", "!u|title=t!"}, {"[![a](u)](h)", "[!u|alt=a!|h]"},
               {"[x ![a](u) y](h)", "[x !u|alt=a! y|h]"}, {"![a *b* `c`](u)", "!u|alt=a b c!"},
               {"![a, b|c!](u)", "!u|alt=a&#44; b&#124;c&#33;!"}, {"![](a!b.png)", "!a%21b.png!"}, {"![x]()", "x"},
               {"![a][r]\n\n[r]: u", "!u|alt=a!"}, );
}

static void test_notes(void **state)
{
    PAIRS_HOLD({"a[^1] b[^n]\n\n[^1]: one\n\n[^n]: two", "a[1] b[2]\n\n\n\\[1] one\n\n\n\\[2] two"},
               {"a[^x]\n\n[^x]: one\n\n    two", "a[1]\n\n\n\\[1] one\n\ntwo"},
               {"a[^x] b[^x]\n\n[^x]: n", "a[1] b[1]\n\n\n\\[1] n"},
               {"# A[^1]\n\n[^1]: n", "h1. {anchor:a}A[1]\n\n\\[1] n"},
               {"a[^1]\n\n[^1]: > q", "a[1]\n\n\n\\[1]\nbq. q"}, {"[^1]: not used\n\na", "\\[\\^1\\]: not used\n\na"},
               {"[^a![b](u)\nc]", "\\[\\^a!u|alt=b! c\\]"}, {"a[^none]", "a\\[\\^none\\]"}, );
}

static void test_small_things(void **state)
{
    PAIRS_HOLD({":smile: :+1:", "😄 👍"}, {":tada:!", "🎉\\!"}, {":no_such_name:", ":no_such_name:"},
               {"10:30:45", "10:30:45"}, {"std::x::y", "std::x::y"}, {"a:x:", "a❌"}, {"$x$ $$x$$", "_x_ _x_"},
               {"($y$).", "\\(_y_)."}, {"$a+b$", "_a+b_"}, {"$5 and $6", "$5 and $6"}, {"$HOME/$USER", "$HOME/$USER"},
               {"US$5$", "US$5$"}, {"\"$x$\"", "\"{_}x{_}\""}, {"$x=\\frac12$", "$x=\\frac12$"},
               {"&copy; &lt;a&gt; &#35; &quot;", "© <a> # \""},
               {"a&nbsp;b", "a\xc2\xa0"
                            "b"},
               {"&#0;", "\xef\xbf\xbd"}, {"&unknown;", "\\&unknown;"}, );
}

static void test_html(void **state)
{
    PAIRS_HOLD({"a <b>x</b> <span class=\"y\">z</span>", "a x z"}, {"a<!-- c -->b", "ab"}, {"<kbd>**x**</kbd>", "*x*"},
               {"vector<int> x", "vector<int> x"}, {"#include <stdio.h>", "#include <stdio.h>"},
               {"a < b > c", "a < b > c"}, {"<div>\ntext\n</div>", "text"}, {"<div>*a*</div>", "\\*a\\*"},
               {"<details><summary>S</summary>\n\n*x*\n\n</details>", "S\n\n_x_"},
               {"<table><tr><td>a</td><td>b</td></tr>\n<tr><td>c &lt;d&gt;</td></tr></table>", "a b\nc <d>"},
               {"<script>\nlet a = b;\n</script>", "let a = b;"}, {"<p>a<br>b</p>\n\nc", "a\nb\n\nc"},
               {"<!-- c -->\n\na", "a"}, {"<!-- never closed\n\nb", "<\\!\\-\\- never closed\nb"},
               {"<?php echo 1; ?>", "<?php echo 1; ?>"}, {"<div>\n# x\nh1. y\n</div>", "\\# x\nh1&#46; y"},
               {"<my-tag>\na\n</my-tag>", "<my-tag>\na\n</my-tag>"}, {"<div>\n\n**a**\n\n</div>", "*a*"},
               {"<div\nid=\"x\">a", "a"}, {"a<b", "a<b"}, );
}

static void test_front(void **state)
{
    PAIRS_HOLD({"---\ntitle: x\n---\n\ntext", "{noformat}\ntitle: x{noformat}\ntext"},
               {"---\na: b\nc:\n  - d\n# e\n...\nx", "{noformat}\na: b\nc:\n  - d\n# e{noformat}\nx"},
               {"---\nHello\n---", "----\nh2. {anchor:hello}Hello"}, {"---\na: b", "----\na: b"},
               {"a\n\n---\nb: c\n---", "a\n\n----\nh2. {anchor:b-c}b: c"}, );
}

static void test_escapes(void **state)
{
    PAIRS_HOLD({"a\\*b AT&T x-y 1+2 a!b f(x", "a*b AT&T x-y 1+2 a!b f(x"},
               {"a - b + c & d ~ e | f ! g", "a - b + c & d ~ e | f ! g"}, {"-x x- +1 C++", "\\-x x\\- \\+1 C\\+\\+"},
               {"(a) see (b)", "\\(a) see \\(b)"}, {"\\[x\\] a[0]", "\\[x\\] a[0\\]"}, {"^a^ a^b", "\\^a\\^ a^b"},
               {"\\_x\\_ !y!", "\\_x\\_ \\!y\\!"}, {"a -- b --- c", "a \\-\\- b \\-\\-\\- c"},
               {"a:-b x?-y", "a:\\-b x?\\-y"}, {"{a} x{y}z", "\\{a\\} x\\{y\\}z"},
               {"{code}x{code}", "\\{code\\}x\\{code\\}"}, {"C:\\Users\\x", "C:&bsol;Users\\x"}, {"a \\ b", "a \\ b"},
               {"\\\\\\\\", "&bsol;&bsol;"}, {"a\\\\#b", "a&bsol;#b"}, {":) :( :D :P ;)", "\\:) \\:( \\:D \\:P \\;)"},
               {":Drive :)x", ":Drive :)x"}, {"(y) (n) (i) (/) (x)", "\\(y) \\(n) \\(i) \\(/) \\(x)"},
               {"(!) (+) (-) (?) (on)", "\\(!) \\(+) \\(-) \\(?) \\(on)"},
               {"(off) (\\*) (\\*r) (\\*g)", "\\(off) \\(*) \\(*r) \\(*g)"},
               {"(\\*b) (\\*y) (flag) (flagoff)", "\\(*b) \\(*y) \\(flag) \\(flagoff)"}, {"f(x) f(x)y", "f\\(x) f(x)y"},
               {"?? a??b ???", "\\?? a\\??b \\?\\??"}, {"a? b", "a? b"}, {"x&amp;amp;y &amp;amp;", "x\\&amp;y \\&amp;"},
               {"#1 a # b", "#1 a # b"}, {"50% @x $y = 'z' \"q\" <", "50% @x $y = 'z' \"q\" <"}, );
}

static void test_line_starts(void **state)
{
    PAIRS_HOLD({"\\# a", "\\# a"}, {"\\#\\# a", "\\## a"}, {"h1. a", "h1&#46; a"}, {"h6.a", "h6&#46;a"},
               {"h7. a", "h7. a"}, {"bq. a", "bq&#46; a"}, {"see h1. and bq. too", "see h1. and bq. too"},
               {"\\- a", "\\- a"}, {"\\* a", "\\* a"}, {"\\----", "\\-\\-\\-\\-"}, {"| a | b |", "\\| a | b \\|"},
               {"|| a ||", "\\|\\| a \\|\\|"}, {"a  \n\\- b", "a\n\\- b"}, {"a\\\nh1. b", "a\nh1&#46; b"},
               {"a<br>\\# b", "a\n\\# b"}, {"&#32;- a", "\\- a"}, {"x  \n&#32;\\# a", "x\n \\# a"},
               {"h1<b></b>. x", "h1&#46; x"}, {"- \\# a", "* \\# a"}, {"\\1. a", "&bsol;1. a"}, );
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headings),     cmocka_unit_test(test_sequence),    cmocka_unit_test(test_breaks),
        cmocka_unit_test(test_kept_lines),   cmocka_unit_test(test_emphasis),    cmocka_unit_test(test_code),
        cmocka_unit_test(test_lists),        cmocka_unit_test(test_quotes),      cmocka_unit_test(test_tables),
        cmocka_unit_test(test_links),        cmocka_unit_test(test_images),      cmocka_unit_test(test_notes),
        cmocka_unit_test(test_small_things), cmocka_unit_test(test_html),        cmocka_unit_test(test_front),
        cmocka_unit_test(test_escapes),      cmocka_unit_test(test_line_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
