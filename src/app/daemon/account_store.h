// The file of the people who sign in: DATA/accounts/accounts.json.
//
// Purpose:    read by each sign-in, so that what `pawl account` changed counts at once; a change is
//             durable before it returns, and starts from what the file says.
// Threading:  any thread; changes of several processes and threads take turns by a lock.
// Ownership:  the files outlive it.
// Errors:     kMalformed with the JSON Pointer, kForbidden (others may read the file or write into
//             its folder), kConflict (somebody else is changing it), kIo, and what the change says.
// Not errors: no file: nobody.
// Source:     docs/formats/accounts.md.
#pragma once

#include <functional>
#include <string>

#include "app/daemon/data_folder.h"
#include "base/files.h"
#include "base/os/file_stamp.h"
#include "operators/sign_in/account.h"

namespace pawl {

class AccountStore {
 public:
  AccountStore(Files& files, const DataFolder& folder)
      : files_(files), folder_(folder.accounts()) {}

  Result<sign_in::AccountList> read() const;
  // Of the file as it is now; what it compares equal to may be read already (file_stamp.h). Of
  // files in memory: of their content.
  Result<FileStamp> stamp() const;
  Status change(const std::function<Status(sign_in::AccountList&)>& change);

 private:
  std::string file() const { return folder_ + "/accounts.json"; }

  Files& files_;
  const std::string folder_;
};

}  // namespace pawl
