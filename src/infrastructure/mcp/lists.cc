#include "infrastructure/mcp/lists.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <limits>
#include <set>

#include "base/json.h"
#include "foundation/records/names.h"
#include "infrastructure/mcp/param_headers.h"

namespace pawl::mcp {
namespace {

struct Item {
  std::string name;
  std::string_view text;
  const json::Value* value = nullptr;
};

// A parsed list body; the views of the items point into the text that was given.
struct List {
  std::shared_ptr<const json::Value> value;  // the items point into it, wherever the list goes
  json::Span array;
  std::vector<Item> items;  // only those with a readable name
};

Result<List> read_list(std::string_view body, ListKind list) {
  Result<json::SharedParsed> parsed = json::parse_shared(body);
  const std::string_view member = list_member(list);
  const json::Value* array = parsed ? json::find(*parsed->value, {member}) : nullptr;
  if (array == nullptr || !array->is_array()) {
    return fail(Code::kUpstreamFailed,
                std::string("the server's answer holds no array '").append(member).append("'"));
  }
  List out;
  out.value = std::move(parsed->value);
  out.array = *json::member(body, json::whole(body), member);
  const std::vector<json::Span> spans = json::elements(body, out.array);
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const json::Value& value = array->get_array()[i];
    const auto name = json::find_string(value, {list_item_key(list)});
    if (name && !name->empty()) {
      out.items.push_back(Item{std::string(*name), spans[i].of(body), &value});
    }
  }
  return out;
}

// A client of Streamable HTTP has to leave out tools with annotations that are not valid.
bool has_valid_headers(const Item& item) {
  const json::Value* schema = json::find(*item.value, {"inputSchema"});
  return schema == nullptr || param_headers(*schema).has_value();
}

std::string array_of(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    out.append(i == 0 ? "" : ",").append(texts[i]);
  }
  out += ']';
  return out;
}

// The item under its public name, learned for the way back; an error when there is no room.
Result<std::string> publish(const std::string& server, const Item& item, ListKind list,
                            NameMap& names) {
  switch (list) {
    case ListKind::kTools:
    case ListKind::kPrompts: {
      Result<std::string> name = names.learn(server, item.name);
      return name ? Result<std::string>(json::with_member(item.text, json::whole(item.text), "name",
                                                          json::quote(*name)))
                  : name;
    }
    case ListKind::kResources:
    case ListKind::kTemplates: {
      Status learned = list == ListKind::kResources ? names.learn_uri(server, item.name)
                                                    : names.learn_template(server, item.name);
      return learned ? Result<std::string>(item.text) : Result<std::string>(fail(learned.error()));
    }
    case ListKind::kNone:
    case ListKind::kTasks:
      break;
  }
  return std::string(item.text);
}

std::int64_t ttl_of(const json::Value& result) {
  const json::Value* ttl = json::find(result, {"ttlMs"});
  return ttl != nullptr && ttl->is_int64() ? std::max<std::int64_t>(0, ttl->get_int64()) : 0;
}

struct Merged {
  std::vector<std::string> items;
  std::vector<CursorEntry> next;
  std::set<std::string> unavailable;
  std::int64_t ttl = std::numeric_limits<std::int64_t>::max();
};

Status add_page(const Page& page, ListKind list, NameMap& names, Merged& merged) {
  const Result<List> read = read_list(page.body, list);
  if (!read) {
    return fail_at(page.server, read.error());
  }
  for (const Item& item : read->items) {
    Result<std::string> text = publish(page.server, item, list, names);
    if (text) {
      merged.items.push_back(std::move(*text));
    } else {
      merged.unavailable.insert(page.server);
    }
  }
  merged.ttl = std::min(merged.ttl, ttl_of(*read->value));
  if (const auto cursor = json::find_string(*read->value, {"nextCursor"})) {
    merged.next.push_back(CursorEntry{page.server, std::string(*cursor)});
  }
  return {};
}

std::string print_merged(const Merged& merged, ListKind list, Era era, const CursorSeal& seal) {
  std::string out = era == Era::kModern ? R"({"resultType":"complete",)" : "{";
  out.append(json::quote(list_member(list))).append(":").append(array_of(merged.items));
  if (!merged.next.empty()) {
    out.append(R"(,"nextCursor":)").append(json::quote(seal.seal(list, merged.next)));
  }
  if (era == Era::kModern) {
    const bool any = merged.ttl != std::numeric_limits<std::int64_t>::max();
    out.append(R"(,"ttlMs":)").append(std::to_string(any ? merged.ttl : 0));
    out.append(R"(,"cacheScope":"private")");
  }
  if (!merged.unavailable.empty()) {
    std::vector<std::string> quoted;
    quoted.reserve(merged.unavailable.size());
    for (const std::string& server : merged.unavailable) {
      quoted.push_back(json::quote(server));
    }
    out.append(R"(,"_meta":{)").append(json::quote(names::kMetaUnavailable));
    out.append(":").append(array_of(quoted)).append("}");
  }
  out += '}';
  return out;
}

}  // namespace

Result<std::string> filter_list(std::string_view body, ListKind list, Era era, const Keep& keep) {
  const Result<List> read = read_list(body, list);
  if (!read) {
    return fail(read.error());
  }
  std::vector<std::string> kept;
  for (const Item& item : read->items) {
    const bool usable = era == Era::kLegacy || list != ListKind::kTools || has_valid_headers(item);
    if (usable && keep(item.name)) {
      kept.emplace_back(item.text);
    }
  }
  std::string out = json::replaced(body, read->array, array_of(kept));
  if (era == Era::kModern) {
    out = json::with_member(out, json::whole(out), "cacheScope", R"("private")");
  }
  return out;
}

std::string with_task_support(std::string body, const Keep& may) {
  const Result<List> list = read_list(body, ListKind::kTools);
  if (!list) {
    return body;
  }
  std::vector<std::string> items;
  for (const json::Span& span : json::elements(body, list->array)) {
    std::string item(span.of(body));
    const Result<json::Parsed> parsed = json::parse(item);
    const auto name = parsed ? json::find_string(parsed->value, {"name"}) : std::nullopt;
    const auto said =
        parsed ? json::find_string(parsed->value, {"execution", "taskSupport"}) : std::nullopt;
    if (name && (!said || *said == "forbidden") && may(*name)) {
      const json::Span whole = json::whole(item);
      const std::optional<json::Span> execution = json::member(item, whole, "execution");
      const bool is_object = execution && item[execution->begin] == '{';
      item = is_object
                 ? json::with_member(item, *execution, "taskSupport", R"("optional")")
                 : json::with_member(item, whole, "execution", R"({"taskSupport":"optional"})");
    }
    items.push_back(std::move(item));
  }
  return json::replaced(body, list->array, array_of(items));
}

Result<std::vector<ToolSchema>> tool_schemas(std::string_view body) {
  const Result<List> read = read_list(body, ListKind::kTools);
  if (!read) {
    return fail(read.error());
  }
  std::vector<ToolSchema> out;
  for (const Item& item : read->items) {
    const auto span = json::member(item.text, json::whole(item.text), "inputSchema");
    out.push_back(ToolSchema{item.name, span ? std::string(span->of(item.text)) : ""});
  }
  return out;
}

Result<std::string> merge_lists(const std::vector<Page>& pages, ListKind list, Era era,
                                NameMap& names, const CursorSeal& seal,
                                const std::vector<std::string>& unavailable) {
  std::vector<const Page*> ordered;
  ordered.reserve(pages.size());
  for (const Page& page : pages) {
    ordered.push_back(&page);
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Page* a, const Page* b) { return a->server < b->server; });
  Merged merged;
  merged.unavailable.insert(unavailable.begin(), unavailable.end());
  for (const Page* page : ordered) {
    if (Status added = add_page(*page, list, names, merged); !added) {
      return fail(added.error());
    }
  }
  return print_merged(merged, list, era, seal);
}

}  // namespace pawl::mcp
