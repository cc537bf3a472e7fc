#include "app/commands/subject_command.h"

#include <memory>
#include <ostream>

#include "app/commands/local_http.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/commands/subject_search.h"
#include "base/encoding.h"
#include "foundation/crypto/wipe.h"
#include "foundation/vault/people.h"

namespace pawl {
namespace {

constexpr std::string_view kFormat = "pawl.subject/1";
constexpr std::size_t kMostNamed = 5;

struct Subject {
  std::string name;
  std::string pseudonym;  // empty: the vault has none of that name
  std::string content;    // of the object of the vault: with the key
};

// The name may be behind any of them.
Error cannot_tell(const std::string& name, const std::vector<Error>& unusable) {
  std::string why = "cannot tell what is recorded of " + name +
                    ": the vault knows no such name, and " + counted(unusable.size(), "person") +
                    " in it may have it and " + (unusable.size() == 1 ? "does" : "do") +
                    " not open";
  for (std::size_t i = 0; i < unusable.size() && i < kMostNamed; ++i) {
    why += (i == 0 ? ": " : "; ") + unusable[i].message;
  }
  if (unusable.size() > kMostNamed) {
    why += "; and " + std::to_string(unusable.size() - kMostNamed) + " more";
  }
  return {Code::kUndecidable, why + "; see `pawl vault check`"};
}

Result<Subject> subject_of(Context& context, const std::string& data, const std::string& name) {
  vault::People people(context.files, data);
  if (Status loaded = people.load(); !loaded) {
    return fail(loaded.error());
  }
  Subject out{name, people.known_pseudonym(name), ""};
  if (out.pseudonym.empty() && !people.unusable().empty()) {
    return fail(cannot_tell(name, people.unusable()));
  }
  if (out.pseudonym.empty()) {
    return out;
  }
  Result<std::string> content =
      vault::Vault(context.files, data).get(vault::person_object(out.pseudonym));
  return content ? Result<Subject>(Subject{name, out.pseudonym, *std::move(content)})
                 : fail(content.error());
}

std::set<std::string> words_of(const Subject& subject) {
  std::set<std::string> words = clear_names(subject.name);
  if (!subject.pseudonym.empty()) {
    words.insert(subject.pseudonym);
  }
  return words;
}

// One JSON value a line: who it is, each record, and how many there were.
class SubjectFile {
 public:
  explicit SubjectFile(std::unique_ptr<File> file) : file_(std::move(file)) {}

  Status line(const json::Object& value) {
    const std::string text = json::print(value) + "\n";
    Status written = file_->write_at(size_, text);
    size_ += text.size();
    return written;
  }

 private:
  std::unique_ptr<File> file_;
  std::uint64_t size_ = 0;
};

json::Object head_line(const Subject& subject, const std::string& at) {
  json::Object out{{"format", kFormat}, {"name", subject.name}, {"exported", at}};
  const Result<vault::Person> person = vault::read_person(subject.content);
  if (person) {
    out["pseudonym"] = subject.pseudonym;
    out["key"] = base64url_encode(person->key);
  }
  return out;
}

json::Object record_line(const SubjectRecord& one) {
  json::Object out{{"id", one.record.row.id.text()},
                   {"index", one.record.row.index},
                   {"at", shown_time(one.record.row.at)},
                   {"token", one.record.jws.compact}};
  if (one.record.row.log != 0) {
    out["log"] = one.record.row.log;
  }
  if (one.was_kept) {
    out["body"] = one.body;
  }
  return out;
}

Result<SubjectCounts> write_file_of(Context& context, const std::string& data,
                                    const Subject& subject, const std::string& path) {
  Result<std::unique_ptr<File>> file = context.files.open(path, OpenMode::kCreateOnly);
  if (!file) {
    return fail(file.error());
  }
  SubjectFile out(*std::move(file));
  Status written = out.line(head_line(subject, format_rfc3339(context.clock.wall())));
  Result<SubjectCounts> counts =
      written ? find_subject(context.files, data, words_of(subject),
                             [&](const SubjectRecord& one) { return out.line(record_line(one)); })
              : fail(written.error());
  if (counts) {
    written = out.line(json::Object{{"records", counts->records}, {"unclear", counts->unclear}});
  }
  if (!counts || !written) {
    static_cast<void>(context.files.remove(path));  // half of it would pass for all
    return fail(counts ? written.error() : counts.error());
  }
  return counts;
}

std::string unclear_words(const SubjectCounts& counts) {
  return counted(counts.unclear, "record") +
         " whose whole body is not at hand, and may speak of that person";
}

int export_subject(Context& context, const std::string& name, const std::string& path) {
  const Result<DataFolder> folder = data_folder(context);
  Result<Subject> subject = folder ? subject_of(context, folder->root, name) : fail(folder.error());
  if (!subject) {
    return report(context, subject.error());
  }
  const WipedAtEnd wiped(subject->content);
  const Result<SubjectCounts> counts = write_file_of(context, folder->root, *subject, path);
  if (!counts) {
    return report(context, counts.error());
  }
  if (context.io.json) {
    context.io.out << json::print(json::Object{{"file", path},
                                               {"pseudonym", subject->pseudonym},
                                               {"records", counts->records},
                                               {"unclear", counts->unclear}})
                   << '\n';
    return kExitGood;
  }
  context.io.out << "wrote " << path << "\n"
                 << labelled("records", std::to_string(counts->records));
  if (!subject->pseudonym.empty()) {
    context.io.out << labelled("pseudonym", subject->pseudonym);
  }
  if (counts->unclear > 0) {
    context.io.out << labelled("unclear", unclear_words(*counts));
  }
  return kExitGood;
}

// What no erasure reaches: records of before pseudonyms, and scopes of stops.
void tell_clear(Context& context, const std::string& data, const std::string& name) {
  const Result<SubjectCounts> counts = find_subject(context.files, data, clear_names(name),
                                                    [](const SubjectRecord&) { return Status(); });
  if (!counts) {
    context.io.out << labelled(
        "unclear", "the ledger could not be searched: " + shown_text(counts.error().message));
  } else if (counts->records > 0) {
    context.io.out << labelled("still named", "in " + counted(counts->records, "record") +
                                                  " that were written with the name itself");
  }
}

int erase_subject(Context& context, const std::string& name) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<json::Value> answer =
      folder ? ask_daemon(context.files, *folder, DaemonListener::kControl, "/api/v1/vault/erase",
                          json::print(json::Object{{"person", name}}))
             : fail(folder.error());
  if (!answer) {
    return report(context, answer.error(),
                  answer.error().code == Code::kUpstreamUnavailable ? kExitUnclear : kExitBad);
  }
  if (context.io.json) {
    context.io.out << json::print(*answer) << '\n';
    return kExitGood;
  }
  const auto text = [&](std::string_view member) {
    return shown_text(json::find_string(*answer, {member}).value_or(""));
  };
  context.io.out << labelled("erased", text("name") + ": nobody can tell any more whose it was")
                 << labelled("record", text("record"));
  tell_clear(context, folder->root, name);
  context.io.out << "Copies that you made, and other places that know the name: "
                    "docs/operations/forget-a-person.md\n";
  return kExitGood;
}

}  // namespace

void add_subject(CLI::App& root, Context& context) {
  CLI::App* group =
      add_group(root, "subject", "What is recorded of a person, and the end of it",
                {"pawl subject export alice -o alice.jsonl", "pawl subject erase alice"});
  const auto add_name = [](CLI::App* command) {
    auto name = std::make_shared<std::string>();
    command->add_option("name", *name, "The name, as the issuer of the person's tokens states it")
        ->type_name("NAME")
        ->required();
    return name;
  };
  CLI::App* export_command =
      add_command(*group, "export", "Everything about a person as one file, a JSON value a line",
                  {"pawl subject export alice -o alice.jsonl"});
  auto exported = add_name(export_command);
  auto path = std::make_shared<std::string>();
  export_command->add_option("-o", *path, "The file; it must not exist")
      ->type_name("FILE")
      ->required();
  on_run(*export_command, context,
         [&context, exported, path] { return export_subject(context, *exported, *path); });
  CLI::App* erase_command = add_command(
      *group, "erase", "Record that a person is forgotten, and destroy the key of the pseudonym",
      {"pawl subject erase alice"});
  auto erased = add_name(erase_command);
  on_run(*erase_command, context, [&context, erased] { return erase_subject(context, *erased); });
}

}  // namespace pawl
