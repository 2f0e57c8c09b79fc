#include "base/base.h"
#include "base/heap.h"
#include "unit.h"

enum { ITEMS = 500 };

static uint32_t seed = 12345;
static uint32_t draw(uint32_t below)
{
    seed = (uint32_t)((uint64_t)seed * 1664525 + 1013904223);
    return (seed >> 8) % below;
}

static int64_t smallest(const struct heap_item *items)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < ITEMS; i++)
        if (items[i].place && items[i].key < least)
            least = items[i].key;
    return least;
}

/* No item comes before the one above it, and each knows its place. */
static void expect_order(const struct heap *h)
{
    for (size_t i = 0; i < h->n; i++) {
        assert_int_equal(h->v[i]->place, i + 1);
        assert_true(i == 0 || h->v[(i + 1) / 2 - 1]->key <= h->v[i]->key);
    }
}

/* Random puts, moves and removals, against a plain search. */
static void test_against_search(void **state)
{
    (void)state;
    struct heap h = {0};
    static struct heap_item items[ITEMS];
    size_t here = 0;
    assert_null(heap_first(&h));
    for (int round = 0; round < 5000; round++) {
        struct heap_item *item = &items[draw(ITEMS)];
        bool was = item->place != 0;
        if (draw(3) == 0) {
            heap_remove(&h, item);
            here -= was;
            assert_int_equal(item->place, 0);
        } else {
            heap_put(&h, item, (int64_t)draw(1000) - 500);
            here += !was;
            assert_ptr_equal(h.v[item->place - 1], item);
        }
        assert_int_equal(h.n, here);
        expect_order(&h);
        if (here)
            assert_int_equal(heap_first(&h)->key, smallest(items));
    }
    heap_free(&h);
    for (size_t i = 0; i < ITEMS; i++)
        assert_int_equal(items[i].place, 0);
}

static void test_drains_in_order(void **state)
{
    (void)state;
    struct heap h = {0};
    struct heap_item items[100] = {0};
    for (size_t i = 0; i < COUNT(items); i++)
        heap_put(&h, &items[i], draw(50) == 0 ? INT64_MIN : (int64_t)draw(30));
    int64_t last = INT64_MIN;
    for (struct heap_item *first; (first = heap_first(&h)) != NULL; heap_remove(&h, first)) {
        assert_true(first->key >= last);
        last = first->key;
    }
    assert_int_equal(h.n, 0);
    heap_remove(&h, &items[0]); /* in no heap: nothing */
    heap_free(&h);
    heap_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_search), cmocka_unit_test(test_drains_in_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
