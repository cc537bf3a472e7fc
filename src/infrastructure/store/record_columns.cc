#include "infrastructure/store/record_columns.h"

#include <algorithm>

namespace pawl::store {
namespace {

std::string bytes_of_all(const std::vector<Uuid>& ids) {
  std::string out;
  for (const Uuid& id : ids) {
    out += bytes_of(id);
  }
  return out;
}

Uuid id_of(const std::string& bytes) {
  Uuid id;
  std::copy_n(bytes.begin(), std::min(bytes.size(), id.bytes.size()), id.bytes.begin());
  return id;
}

}  // namespace

std::string_view bytes_of(const Uuid& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

std::vector<Uuid> ids_of(std::string_view bytes) {
  std::vector<Uuid> out(bytes.size() / sizeof(Uuid::bytes));
  for (std::size_t i = 0; i < out.size(); ++i) {
    bytes.copy(reinterpret_cast<char*>(out[i].bytes.data()), sizeof(Uuid::bytes),
               i * sizeof(Uuid::bytes));
  }
  return out;
}

ect::Level level_of(std::int64_t number) {
  return number == 2 ? ect::Level::kL2 : number == 3 ? ect::Level::kL3 : ect::Level::kL1;
}

void bind_row(Statement& statement, const RecordRow& row) {
  statement.bind(1, static_cast<std::int64_t>(row.index));
  statement.bind_blob(2, bytes_of(row.id));
  statement.bind(3, row.at);
  int parameter = 4;
  for (const std::string* text :
       {&row.kind, &row.verb, &row.agent, &row.server, &row.tool, &row.outcome, &row.workflow}) {
    statement.bind(parameter++, std::string_view(*text));
  }
  statement.bind_blob(parameter++, bytes_of_all(row.parents));
  statement.bind(parameter++, static_cast<std::int64_t>(row.level));
  statement.bind(parameter++, std::int64_t{row.partial});
  statement.bind(parameter++, std::int64_t{row.approved});
  statement.bind_blob(parameter++, row.token.is_nil() ? std::string_view("") : bytes_of(row.token));
  statement.bind(parameter++, std::string_view(row.issuer));
  statement.bind(parameter++, std::string_view(row.payload));
  statement.bind(parameter++, row.token_at);
  statement.bind(parameter++, std::string_view(row.basis));
  statement.bind(parameter++, std::string_view(row.resource));
}

RecordRow row_of(const Statement& found) {
  RecordRow row;
  row.index = static_cast<std::uint64_t>(found.integer(0));
  row.id = id_of(found.text(1));
  row.at = found.integer(2);
  row.kind = found.text(3);
  row.verb = found.text(4);
  row.agent = found.text(5);
  row.server = found.text(6);
  row.tool = found.text(7);
  row.outcome = found.text(8);
  row.workflow = found.text(9);
  row.parents = ids_of(found.text(10));
  row.level = level_of(found.integer(11));
  row.partial = found.integer(12) != 0;
  row.approved = found.integer(13) == 1;
  row.token = id_of(found.text(14));
  row.issuer = found.text(15);
  row.payload = found.text(16);
  row.token_at = found.integer(17);
  row.basis = found.text(18);
  row.resource = found.text(19);
  return row;
}

Result<std::vector<RecordRow>> all_rows(Statement& select) {
  std::vector<RecordRow> rows;
  for (;;) {
    const Result<bool> row = select.step();
    if (!row) {
      return fail(row.error());
    }
    if (!*row) {
      return rows;
    }
    rows.push_back(row_of(select));
  }
}

}  // namespace pawl::store
