/* SPDX-License-Identifier: Apache-2.0
 *
 * Needs and candidates as scripts see them: views into the request, read field by field when the script asks, so that a
 * card costs what is looked at. They cannot be written, and are dead once their call has ended. A list is asked by
 * position or by tag: list[1] is the first, list["audit"] how often it is there, or nil. */
#include "runtime.h"

#include <stddef.h>
#include <string.h>

enum field_kind {
    FIELD_ID,     /* u64, as an integer of the same bits */
    FIELD_TEXT,   /* "" when it is not known */
    FIELD_COUNT,  /* u32 */
    FIELD_LARGE,  /* u64 */
    FIELD_BAND,   /* u32, nil when it is 0 */
    FIELD_TIE,    /* of a candidate: a number up to 1, nil when it is not known */
    FIELD_TAGS,   /* a list of texts */
    FIELD_COUNTED /* of a need: a list of numbers, one for each issue */
};

struct field {
    const char *name; /* no word of Lua's */
    enum field_kind kind;
    size_t offset;
};

#define NEED(field) offsetof(struct need_record, need.field)
#define CANDIDATE(field) offsetof(struct vouch_candidate, field)
#define LISTS_MAX 4 /* in a view: each is made once, and kept with it */

/* Lists come first: their position is where they are kept. */
static const struct field need_fields[] = {
    {"issues", FIELD_TAGS, NEED(issues)},
    {"issue_candidates", FIELD_COUNTED, NEED(issues)},
    {"text", FIELD_TEXT, NEED(text)},
    {"industry", FIELD_TEXT, NEED(industry)},
    {"contact_function", FIELD_TEXT, NEED(function)},
    {"city", FIELD_TEXT, NEED(city)},
    {"region", FIELD_TEXT, NEED(region)},
    {"country", FIELD_TEXT, NEED(country)},
    {"size_band", FIELD_BAND, NEED(size_band)},
    {"candidate_total", FIELD_COUNT, offsetof(struct need_record, candidate_total)},
    {"candidate_issues", FIELD_LARGE, offsetof(struct need_record, candidate_issues)},
    {NULL, FIELD_ID, 0},
};

static const struct field candidate_fields[] = {
    {"issues", FIELD_TAGS, CANDIDATE(issues)},
    {"industries", FIELD_TAGS, CANDIDATE(industries)},
    {"functions", FIELD_TAGS, CANDIDATE(functions)},
    {"countries", FIELD_TAGS, CANDIDATE(countries)},
    {"id", FIELD_ID, CANDIDATE(id)},
    {"city", FIELD_TEXT, CANDIDATE(city)},
    {"region", FIELD_TEXT, CANDIDATE(region)},
    {"country", FIELD_TEXT, CANDIDATE(country)},
    {"size_min", FIELD_BAND, CANDIDATE(size_min)},
    {"size_max", FIELD_BAND, CANDIDATE(size_max)},
    {"tie", FIELD_TIE, 0},
    {"segment_won", FIELD_COUNT, CANDIDATE(segment_won)},
    {"segment_closed", FIELD_COUNT, CANDIDATE(segment_closed)},
    {NULL, FIELD_ID, 0},
};

struct view {
    uint64_t call;
    const struct field *fields;
    const unsigned char *record;
};

struct list {
    uint64_t call;
    struct vouch_tags tags;
    const uint32_t *numbers; /* one for each tag; NULL: it is a list of the tags themselves */
};

static const char need_name[] = "need";
static const char candidate_name[] = "candidate";
static const char list_name[] = "list";

static void check_alive(lua_State *lua, uint64_t call, const char *what)
{
    if (call != instance_of(lua)->call) {
        script_error(lua, "this %s was handed in for an earlier call: keep what you need of it, not itself", what);
    }
}

static const char *view_name(const struct view *view)
{
    return view->fields == need_fields ? need_name : candidate_name;
}

/* ---- lists ---- */

static void push_list(lua_State *lua, struct vouch_tags tags, const uint32_t *numbers)
{
    struct list *list = lua_newuserdatauv(lua, sizeof *list, 0);
    *list = (struct list){instance_of(lua)->call, tags, numbers};
    luaL_setmetatable(lua, list_name);
}

static void push_item(lua_State *lua, const struct list *list, size_t position)
{
    if (list->numbers != NULL) {
        lua_pushinteger(lua, list->numbers[position]);
    } else {
        lua_pushstring(lua, list->tags.items[position]);
    }
}

/* How often a tag stands in the list, or the number that goes with it; nil when it does not stand there. */
static void push_tag(lua_State *lua, const struct list *list, const char *tag)
{
    lua_Integer found = 0;
    for (size_t i = 0; i < list->tags.count; i++) {
        if (strcmp(list->tags.items[i], tag) == 0) {
            if (list->numbers != NULL) {
                lua_pushinteger(lua, list->numbers[i]);
                return;
            }
            found++;
        }
    }
    if (found > 0) {
        lua_pushinteger(lua, found);
    } else {
        lua_pushnil(lua);
    }
}

static int list_index(lua_State *lua)
{
    const struct list *list = lua_touserdata(lua, 1);
    check_alive(lua, list->call, list_name);
    if (lua_type(lua, 2) == LUA_TSTRING) {
        push_tag(lua, list, lua_tostring(lua, 2));
        return 1;
    }
    int whole;
    lua_Integer position = lua_tointegerx(lua, 2, &whole);
    if (!whole) {
        return script_error(lua, "a list is asked by position or by tag, not by a %s", luaL_typename(lua, 2));
    }
    if (position >= 1 && (lua_Unsigned)position <= list->tags.count) {
        push_item(lua, list, (size_t)position - 1);
    } else {
        lua_pushnil(lua);
    }
    return 1;
}

static int list_length(lua_State *lua)
{
    const struct list *list = lua_touserdata(lua, 1);
    check_alive(lua, list->call, list_name);
    lua_pushinteger(lua, (lua_Integer)list->tags.count);
    return 1;
}

static int list_refuse(lua_State *lua)
{
    return script_error(lua, "a list that was handed in is read-only: {table.unpack(list)} makes one of your own");
}

/* ---- needs and candidates ---- */

static void push_view(lua_State *lua, const char *name, const struct field *fields, const void *record)
{
    struct view *view = lua_newuserdatauv(lua, sizeof *view, LISTS_MAX);
    *view = (struct view){instance_of(lua)->call, fields, record};
    luaL_setmetatable(lua, name);
}

void view_push_need(lua_State *lua, const struct need_record *need)
{
    push_view(lua, need_name, need_fields, need);
}

void view_push_candidate(lua_State *lua, const struct vouch_candidate *candidate)
{
    push_view(lua, candidate_name, candidate_fields, candidate);
}

static void push_band(lua_State *lua, uint32_t band)
{
    if (band == 0) {
        lua_pushnil(lua);
    } else {
        lua_pushinteger(lua, band);
    }
}

static void push_tie(lua_State *lua, const struct vouch_candidate *candidate)
{
    if (candidate->tie_known == 0) {
        lua_pushnil(lua);
    } else {
        lua_pushnumber(lua, (lua_Number)candidate->tie_ppm / VOUCH_PPM);
    }
}

static uint32_t read_u32(const void *value)
{
    return *(const uint32_t *)value;
}

static uint64_t read_u64(const void *value)
{
    return *(const uint64_t *)value;
}

static void push_field(lua_State *lua, const struct view *view, const struct field *field)
{
    const void *value = view->record + field->offset;
    switch (field->kind) {
    case FIELD_ID:
    case FIELD_LARGE:
        lua_pushinteger(lua, (lua_Integer)read_u64(value));
        break;
    case FIELD_TEXT:
        lua_pushstring(lua, *(const char *const *)value);
        break;
    case FIELD_COUNT:
        lua_pushinteger(lua, read_u32(value));
        break;
    case FIELD_BAND:
        push_band(lua, read_u32(value));
        break;
    case FIELD_TIE:
        push_tie(lua, (const void *)view->record);
        break;
    case FIELD_TAGS:
        push_list(lua, *(const struct vouch_tags *)value, NULL);
        break;
    case FIELD_COUNTED:
        push_list(lua, *(const struct vouch_tags *)value,
                  ((const struct need_record *)(const void *)view->record)->need.issue_candidates);
        break;
    }
}

/* Lists are made once a view, so that a loop over one costs no memory. */
static void push_kept_list(lua_State *lua, const struct view *view, int position)
{
    if (lua_getiuservalue(lua, 1, position + 1) == LUA_TNIL) {
        lua_pop(lua, 1);
        push_field(lua, view, &view->fields[position]);
        lua_pushvalue(lua, -1);
        lua_setiuservalue(lua, 1, position + 1);
    }
}

static int no_such_field(lua_State *lua, const struct view *view)
{
    luaL_Buffer names;
    const char *asked = library_text(lua, 2);
    luaL_buffinit(lua, &names);
    for (const struct field *field = view->fields; field->name != NULL; field++) {
        luaL_addstring(&names, field == view->fields ? "" : ", ");
        luaL_addstring(&names, field->name);
    }
    luaL_pushresult(&names);
    return script_error(lua, "a %s has no %s; it has %s", view_name(view), asked, lua_tostring(lua, -1));
}

/* Upvalue: names to positions. */
static int view_index(lua_State *lua)
{
    const struct view *view = lua_touserdata(lua, 1);
    check_alive(lua, view->call, view_name(view));
    lua_pushvalue(lua, 2);
    if (lua_rawget(lua, lua_upvalueindex(1)) == LUA_TNIL) {
        return no_such_field(lua, view);
    }
    int position = (int)lua_tointeger(lua, -1);
    const struct field *field = &view->fields[position];
    if (field->kind == FIELD_TAGS || field->kind == FIELD_COUNTED) {
        push_kept_list(lua, view, position);
    } else {
        push_field(lua, view, field);
    }
    return 1;
}

static int view_refuse(lua_State *lua)
{
    return script_error(lua, "a %s is read-only: keep values in variables of your own",
                        view_name(lua_touserdata(lua, 1)));
}

static void register_view(lua_State *lua, const char *name, const struct field *fields)
{
    luaL_newmetatable(lua, name);
    lua_newtable(lua);
    for (int i = 0; fields[i].name != NULL; i++) {
        lua_pushinteger(lua, i);
        lua_setfield(lua, -2, fields[i].name);
    }
    lua_pushcclosure(lua, view_index, 1);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, view_refuse);
    lua_setfield(lua, -2, "__newindex");
    lua_pop(lua, 1);
}

void view_register(lua_State *lua)
{
    static const luaL_Reg list_methods[] = {
        {"__index", list_index}, {"__len", list_length}, {"__newindex", list_refuse}, {NULL, NULL}};
    register_view(lua, need_name, need_fields);
    register_view(lua, candidate_name, candidate_fields);
    luaL_newmetatable(lua, list_name);
    luaL_setfuncs(lua, list_methods, 0);
    lua_pop(lua, 1);
}

bool view_push_copy(lua_State *lua, int index)
{
    const struct list *list = luaL_testudata(lua, index, list_name);
    if (list != NULL) {
        check_alive(lua, list->call, list_name);
        lua_createtable(lua, 0, 0);
        for (size_t i = 0; i < list->tags.count; i++) {
            push_item(lua, list, i);
            lua_rawseti(lua, -2, (lua_Integer)i + 1);
        }
        return true;
    }
    const struct view *view = luaL_testudata(lua, index, need_name);
    view = view != NULL ? view : luaL_testudata(lua, index, candidate_name);
    if (view != NULL) {
        check_alive(lua, view->call, view_name(view));
        lua_newtable(lua);
        for (const struct field *field = view->fields; field->name != NULL; field++) {
            push_field(lua, view, field);
            lua_setfield(lua, -2, field->name);
        }
    }
    return view != NULL;
}
