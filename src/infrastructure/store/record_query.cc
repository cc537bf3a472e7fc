// Searches of the index: records by who, where, what and when; workflows by their newest record.
#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "infrastructure/store/record_columns.h"
#include "infrastructure/store/record_index.h"

namespace pawl::store {
namespace {

constexpr std::size_t kMostWorkflows = 200;
constexpr std::size_t kIdDigits = 32;
constexpr std::size_t kMostLookedAt = 50'000;  // rows, for one page of workflows
constexpr std::int64_t kRowsAtOnce = 2'000;

// A condition and the values of its places, in their order.
class Condition {
 public:
  void add(const std::string& sql) { sql_ += (sql_.empty() ? "" : " AND ") + sql; }
  void value(std::string text) { values_.push_back(std::move(text)); }
  void number(std::int64_t value) {
    numbers_.emplace_back(values_.size() + numbers_.size(), value);
  }

  void equals(const char* column, const std::string& text) {
    if (!text.empty()) {
      add(std::string(column) + " = ?");
      value(text);
    }
  }
  void limit_to(const RecordScope& scope);

  const std::string& sql() const { return sql_; }
  // The next free parameter.
  int bind(Statement& statement) const {
    int parameter = 1;
    std::size_t text = 0, number = 0;
    while (text < values_.size() || number < numbers_.size()) {
      if (number < numbers_.size() && numbers_[number].first == text + number) {
        statement.bind(parameter++, numbers_[number++].second);
      } else {
        statement.bind(parameter++, std::string_view(values_[text++]));
      }
    }
    return parameter;
  }

 private:
  std::string sql_;
  std::vector<std::string> values_;
  std::vector<std::pair<std::size_t, std::int64_t>> numbers_;  // place among all values
};

void Condition::limit_to(const RecordScope& scope) {
  std::string any;
  const auto one_of = [&](const char* column, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      any += (any.empty() ? "" : " OR ") + std::string(column) + " = ?";
      value(name);
    }
  };
  one_of("agent", scope.agents);
  one_of("server", scope.servers);
  one_of("workflow", scope.workflows);
  for (const auto& [server, tool] : scope.tools) {
    any += std::string(any.empty() ? "" : " OR ") + "(server = ? AND tool = ?)";
    value(server);
    value(tool);
  }
  add(any.empty() ? "0" : "(" + any + ")");
}

Condition condition_of(const RecordFilter& filter) {
  Condition out;
  out.add("at >= ? AND at < ?");
  out.number(filter.since.value_or(INT64_MIN));
  out.number(filter.until.value_or(INT64_MAX));
  out.equals("agent", filter.agent);
  out.equals("server", filter.server);
  out.equals("tool", filter.tool);
  out.equals("verb", filter.verb);
  out.equals("outcome", filter.outcome);
  out.equals("kind", filter.kind);
  out.equals("workflow", filter.workflow);
  if (!filter.name.empty()) {
    out.add("(tool = ? OR resource = ?)");
    out.value(filter.name);
    out.value(filter.name);
  }
  if (!filter.area.empty()) {
    out.add("kind > ? AND kind < ?");
    out.value(filter.area + ".");
    out.value(filter.area + "/");  // the character behind the dot
  }
  if (filter.scope) {
    out.limit_to(*filter.scope);
  }
  return out;
}

Status add_ids(Statement& select, std::vector<Uuid>& out) {
  for (;;) {
    const Result<bool> row = select.step();
    if (!row || !*row) {
      return row ? Status{} : Status(fail(row.error()));
    }
    const std::vector<Uuid> id = ids_of(select.text(0));
    out.insert(out.end(), id.begin(), id.end());
  }
}

// What workflows() asks again and again.
struct WorkflowQuestions {
  Statement next, newest, parts;
  int after_scope;  // the parameter behind those of the scope
};

Result<WorkflowQuestions> prepare(Database& database, const Condition& scope) {
  const std::string where = scope.sql().empty() ? "" : scope.sql() + " AND ";
  Result<Statement> next = database.prepare("SELECT idx, workflow FROM records WHERE " + where +
                                            "workflow != '' AND idx < ? ORDER BY idx DESC LIMIT ?");
  Result<Statement> newest =
      next ? database.prepare("SELECT MAX(idx) FROM records WHERE " + where + "workflow = ?")
           : Result<Statement>(fail(next.error()));
  Result<Statement> parts =
      newest ? database.prepare(
                   "SELECT agent, outcome, COUNT(*), MIN(at), MAX(at) FROM records WHERE " + where +
                   "workflow = ? GROUP BY agent, outcome")
             : Result<Statement>(fail(newest.error()));
  if (!parts) {
    return fail(parts.error());
  }
  const int after = scope.bind(*next);
  scope.bind(*newest);
  scope.bind(*parts);
  return WorkflowQuestions{*std::move(next), *std::move(newest), *std::move(parts), after};
}

Result<WorkflowRow> sum_up(Statement& parts, const Condition& scope, const std::string& workflow) {
  WorkflowRow out;
  out.workflow = workflow;
  parts.reset();
  parts.bind(scope.bind(parts), std::string_view(workflow));
  for (;;) {
    const Result<bool> row = parts.step();
    if (!row || !*row) {
      return row ? Result<WorkflowRow>(std::move(out)) : fail(row.error());
    }
    const auto count = static_cast<std::uint64_t>(parts.integer(2));
    const std::int64_t began = parts.integer(3);
    out.began = out.records == 0 ? began : std::min(out.began, began);
    out.last = std::max(out.last, parts.integer(4));
    out.records += count;
    for (const auto& [name, counts] :
         {std::pair{parts.text(0), &out.agents}, std::pair{parts.text(1), &out.outcomes}}) {
      if (!name.empty()) {
        (*counts)[name] += count;
      }
    }
  }
}

Result<std::uint64_t> newest_of(Statement& newest, const Condition& scope,
                                const std::string& workflow) {
  newest.reset();
  newest.bind(scope.bind(newest), std::string_view(workflow));
  const Result<bool> row = newest.step();
  return row ? Result<std::uint64_t>(static_cast<std::uint64_t>(newest.integer(0)))
             : fail(row.error());
}

struct Seen {
  std::uint64_t index = 0;
  std::string workflow;
};

// The next rows before an index that belong to workflows, newest first.
Result<std::vector<Seen>> rows_before(Statement& next, const Condition& scope,
                                      std::uint64_t before) {
  next.reset();
  const int parameter = scope.bind(next);
  next.bind(parameter, static_cast<std::int64_t>(std::min<std::uint64_t>(before, INT64_MAX)));
  next.bind(parameter + 1, kRowsAtOnce);
  std::vector<Seen> out;
  for (;;) {
    const Result<bool> row = next.step();
    if (!row || !*row) {
      return row ? Result<std::vector<Seen>>(std::move(out)) : fail(row.error());
    }
    out.push_back({static_cast<std::uint64_t>(next.integer(0)), next.text(1)});
  }
}

}  // namespace

Result<std::vector<RecordRow>> RecordIndex::query(const RecordFilter& filter) {
  Condition condition = condition_of(filter);
  if (filter.before) {
    condition.add("idx < ?");
    condition.number(static_cast<std::int64_t>(std::min<std::uint64_t>(*filter.before, INT64_MAX)));
  }
  Result<Statement> select = database_.prepare(
      std::string("SELECT ") + kColumns + " FROM records WHERE " + condition.sql() +
      " ORDER BY idx " + (filter.oldest_first ? "ASC" : "DESC") + " LIMIT ?");
  if (!select) {
    return fail(select.error());
  }
  const int parameter = condition.bind(*select);
  select->bind(parameter, static_cast<std::int64_t>(
                              std::clamp<std::size_t>(filter.limit, 1, RecordFilter::kMaxLimit)));
  return all_rows(*select);
}

Result<std::uint64_t> RecordIndex::count(const RecordFilter& filter) {
  const Condition condition = condition_of(filter);
  Result<Statement> select =
      database_.prepare("SELECT COUNT(*) FROM records WHERE " + condition.sql());
  if (!select) {
    return fail(select.error());
  }
  condition.bind(*select);
  const Result<bool> row = select->step();
  return row ? Result<std::uint64_t>(static_cast<std::uint64_t>(select->integer(0)))
             : fail(row.error());
}

Result<std::vector<Uuid>> RecordIndex::ids_with(std::string_view digits, std::size_t most) {
  std::string first(digits), last(digits);
  first.resize(kIdDigits, '0');
  last.resize(kIdDigits, 'f');
  const Result<std::string> from = hex_decode(first);
  const Result<std::string> to = hex_decode(last);
  if (!from || !to || digits.empty()) {
    return fail(Code::kInvalidParams, "index: expected 1 to 32 hex digits");
  }
  std::vector<Uuid> out;
  for (const std::string column : {"id", "token"}) {
    const std::string select =
        "SELECT DISTINCT " + column + " FROM records WHERE length(" + column + ") > 0 AND ";
    Result<Statement> begin = database_.prepare(select + column + " BETWEEN ? AND ? LIMIT ?");
    Result<Statement> end =
        begin ? database_.prepare(select + "substr(lower(hex(" + column + ")), ?) = ? LIMIT ?")
              : Result<Statement>(fail(begin.error()));
    if (!end) {
      return fail(end.error());
    }
    begin->bind_blob(1, *from);
    begin->bind_blob(2, *to);
    end->bind(1, -static_cast<std::int64_t>(digits.size()));
    end->bind(2, digits);
    for (Statement* statement : {&*begin, &*end}) {
      statement->bind(3, static_cast<std::int64_t>(most));
      if (const Status read = add_ids(*statement, out); !read) {
        return fail(read.error());
      }
    }
  }
  return out;
}

Result<WorkflowPage> RecordIndex::workflows(std::optional<std::uint64_t> before, std::size_t limit,
                                            const std::optional<RecordScope>& scope) {
  Condition condition;
  if (scope) {
    condition.limit_to(*scope);
  }
  Result<WorkflowQuestions> ask = prepare(database_, condition);
  if (!ask) {
    return fail(ask.error());
  }
  WorkflowPage out;
  std::set<std::string> seen;
  std::uint64_t at = before.value_or(INT64_MAX);
  for (std::size_t looked_at = 0; looked_at < kMostLookedAt;) {
    const Result<std::vector<Seen>> rows = rows_before(ask->next, condition, at);
    if (!rows) {
      return fail(rows.error());
    }
    if (rows->empty()) {
      return out;
    }
    for (const Seen& row : *rows) {
      if (!seen.insert(row.workflow).second) {
        at = row.index;
        continue;
      }
      const Result<std::uint64_t> newest = newest_of(ask->newest, condition, row.workflow);
      if (newest && *newest == row.index) {  // else it stands on a page before
        if (out.rows.size() == std::clamp<std::size_t>(limit, 1, kMostWorkflows)) {
          out.before = out.rows.back().newest;
          return out;
        }
        Result<WorkflowRow> summed = sum_up(ask->parts, condition, row.workflow);
        if (!summed) {
          return fail(summed.error());
        }
        summed->newest = row.index;
        out.rows.push_back(*std::move(summed));
      } else if (!newest) {
        return fail(newest.error());
      }
      at = row.index;
    }
    looked_at += rows->size();
  }
  out.before = at;
  return out;
}

}  // namespace pawl::store
