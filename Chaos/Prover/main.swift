import Foundation
import Laws
import Vocabulary

// Lets the laws be held by random schedules, by small worlds, or by what should break them:
// `grapevine-laws` alone tells how.

exit(Assignment(arguments: Array(CommandLine.arguments.dropFirst())).run())
