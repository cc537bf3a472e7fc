#include "app/api/workflow_graph.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "app/api/record_list.h"

namespace pawl {
namespace {

using store::RecordRow;

constexpr const char* kOthers = "*";  // agents that share groups, for there are too many

// Where each record is: under its own id, or that of the token that it stands for.
std::unordered_map<Uuid, std::size_t> places_of(const std::vector<RecordRow>& rows) {
  std::unordered_map<Uuid, std::size_t> out;
  out.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.emplace(rows[i].graph_id(), i);
  }
  return out;
}

// How records are put together: agents with names of their own, and how many depths make one.
struct Grouping {
  std::set<std::string> named;
  std::uint32_t width = 1;

  std::pair<std::string, std::uint32_t> of(const RecordRow& row, std::uint32_t depth) const {
    return {named.contains(row.agent) ? row.agent : kOthers, depth / width * width};
  }
};

std::string group_id(const std::pair<std::string, std::uint32_t>& group) {
  return "g:" + group.first + ":" + std::to_string(group.second);
}

// The agents with the most records; the rest share one name.
std::set<std::string> agents_to_name(const std::vector<RecordRow>& rows, std::size_t most) {
  std::map<std::string, std::size_t> counts;
  for (const RecordRow& row : rows) {
    ++counts[row.agent];
  }
  std::vector<std::pair<std::size_t, std::string>> order;
  for (const auto& [agent, count] : counts) {
    order.emplace_back(count, agent);
  }
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::tie(b.first, a.second) < std::tie(a.first, b.second);
  });
  std::set<std::string> out;
  for (const auto& [count, agent] : order) {
    if (out.size() < most) {
      out.insert(agent);
    }
  }
  return out;
}

std::size_t groups_under(const Grouping& grouping, const std::vector<RecordRow>& rows,
                         const std::vector<std::uint32_t>& depths) {
  std::set<std::pair<std::string, std::uint32_t>> groups;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    groups.insert(grouping.of(rows[i], depths[i]));
  }
  return groups.size();
}

// The finest one that makes few enough groups: depths are put together first, agents last.
Grouping grouping_for(const std::vector<RecordRow>& rows,
                      const std::vector<std::uint32_t>& depths) {
  const std::uint32_t deepest = *std::max_element(depths.begin(), depths.end());
  Grouping out{agents_to_name(rows, kMostGroups - 1), 1};
  while (groups_under(out, rows, depths) > kMostGroups && out.width <= deepest) {
    out.width *= 2;
  }
  return out;
}

// What is drawn, and which part of it each record is in.
class Drawing {
 public:
  Drawing(const std::vector<RecordRow>& rows, std::vector<std::uint32_t> depths)
      : rows_(rows), depths_(std::move(depths)), names_(rows.size()) {}

  void show_all() {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      show(i);
    }
  }
  // False: there is no such group.
  bool show_groups(std::string_view expand);
  json::Object print() const;

 private:
  struct Group {
    std::uint32_t from = 0, to = 0;  // depths
    std::string agent;
    std::size_t count = 0;
  };
  void show(std::size_t row);
  void add_edges(json::Object& out) const;

  const std::vector<RecordRow>& rows_;
  const std::vector<std::uint32_t> depths_;
  std::vector<std::string> names_;  // of the node or group, by row
  json::Array nodes_;
};

void Drawing::show(std::size_t row) {
  names_[row] = rows_[row].id.text();
  json::Object node = record_row_json(rows_[row]);
  node.erase("workflow");
  node["depth"] = depths_[row];
  nodes_.emplace_back(std::move(node));
}

bool Drawing::show_groups(std::string_view expand) {
  const Grouping grouping = grouping_for(rows_, depths_);
  std::map<std::pair<std::string, std::uint32_t>, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    groups[grouping.of(rows_[i], depths_[i])].push_back(i);
  }
  bool is_found = expand.empty();
  for (const auto& [key, members] : groups) {
    const std::string id = group_id(key);
    const bool is_open = id == expand;
    is_found = is_found || is_open;
    const std::size_t shown = members.size() == 1 ? 1
                              : is_open           ? std::min(members.size(), kMostOpened)
                                                  : 0;
    std::uint32_t deepest = key.second;
    for (std::size_t i = 0; i < members.size(); ++i) {
      deepest = std::max(deepest, depths_[members[i]]);
      if (i < shown) {
        show(members[i]);
      } else {
        names_[members[i]] = id;
      }
    }
    if (shown < members.size()) {
      nodes_.emplace_back(json::Object{{"group", id},
                                       {"agent", key.first},
                                       {"depth", key.second},
                                       {"depth_to", deepest},
                                       {"count", members.size() - shown}});
    }
  }
  return is_found;
}

// One edge for each pair of things and basis; `count` where it stands for several.
void Drawing::add_edges(json::Object& out) const {
  const std::unordered_map<Uuid, std::size_t> places = places_of(rows_);
  std::map<std::tuple<std::string_view, std::string_view, char>, std::uint64_t> edges;
  std::uint64_t elsewhere = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    for (std::size_t p = 0; p < rows_[i].parents.size(); ++p) {
      const auto cause = places.find(rows_[i].parents[p]);
      if (cause == places.end()) {
        ++elsewhere;
      } else if (names_[cause->second] != names_[i]) {
        const char basis = p < rows_[i].basis.size() ? rows_[i].basis[p] : '?';
        ++edges[{names_[cause->second], names_[i], basis}];
      }
    }
  }
  json::Array list;
  for (const auto& [edge, count] : edges) {
    if (list.size() == kMostEdges) {
      break;
    }
    const auto& [from, to, basis] = edge;
    json::Object one{{"from", from}, {"to", to}, {"basis", store::basis_word(basis)}};
    if (count > 1) {
      one["count"] = count;
    }
    list.emplace_back(std::move(one));
  }
  out["elsewhere"] = elsewhere;
  out["edges_left_out"] = edges.size() - list.size();
  out["edges"] = std::move(list);
}

json::Object Drawing::print() const {
  json::Object out;
  out["nodes"] = nodes_;
  add_edges(out);
  return out;
}

}  // namespace

std::vector<std::uint32_t> depths_of(const std::vector<RecordRow>& rows) {
  const std::unordered_map<Uuid, std::size_t> places = places_of(rows);
  std::vector<std::uint32_t> out(rows.size(), 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const Uuid& parent : rows[i].parents) {
      const auto cause = places.find(parent);
      if (cause != places.end() && cause->second < i) {
        out[i] = std::max(out[i], out[cause->second] + 1);
      }
    }
  }
  return out;
}

Result<json::Object> draw_workflow(const std::vector<RecordRow>& rows, std::string_view expand) {
  Drawing drawing(rows, depths_of(rows));
  bool is_found = expand.empty();
  if (rows.size() <= kMostDrawn) {
    drawing.show_all();
  } else {
    is_found = drawing.show_groups(expand);
  }
  if (!is_found) {
    return fail(Code::kNotFound,
                "expand: no such group; the workflow may have grown: ask without it");
  }
  return drawing.print();
}

}  // namespace pawl
