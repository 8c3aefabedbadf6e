import Vocabulary

/// Why a record is not taken.
///
/// The raw value is the label of the metric.
package enum Refusal: String, Hashable, Sendable, CaseIterable {
    /// This very version is here already.
    case known
    /// A later version is here.
    case older
    /// Its author's HEAD or manifest says that it is dead.
    case dead
    /// Its author's HEAD is not here yet; it is kept aside for a while.
    case waiting
    /// Its time, or a stamp in it, lies more than an hour ahead, or its start more than a day.
    case future
    /// The certificate is no root's, is of another cluster, or is not the author's.
    case certificate
    /// The certificate is not valid yet, or no longer.
    case expired
    /// The signature is not the author's; so it is for a record of another cluster.
    case signature
    /// A lease longer than an author may give itself, or one that ran out long ago.
    case lease
    /// A namespace outside the author's certificate.
    case namespace
    /// An endpoint outside the author's certificate.
    case address
    /// More than the author may keep alive.
    case quota
    /// A slot beyond what one author can have open.
    case slot
    /// An administrator's word by an author who is none.
    case right
    /// The root took its author's membership back.
    case revoked
    /// Its author signed what denies itself, in this start or a later one.
    case faulty
}

extension Certificate.Content {
    /// Why an author with this certificate may not say this, or `nil`.
    func refusal(of body: RecordBody) -> Refusal? {
        switch body {
        case .head, .manifest, .cluster, .revocation, .fault, .releases:
            return nil
        case .retractions:
            return isAdmin ? nil : .right
        case .declaration(let declaration):
            #if GRAPEVINE_MUTANTS
            if Mutation.isActive(.noNamespaceCheck) { return nil }
            #endif
            return allows(namespace: declaration.service.namespace) ? nil : .namespace
        case .endpoints(let entries):
            #if GRAPEVINE_MUTANTS
            if Mutation.isActive(.noAddressCheck) { return nil }
            #endif
            let addresses = entries.flatMap(\.endpoints).map(\.address)
            return addresses.allSatisfy(allows(endpoint:)) ? nil : .address
        }
    }
}

/// What `RecordStore.accept` did with a record.
package enum Acceptance: Hashable, Sendable {
    /// It is stored; its author's other records may have died of it. `released` records waited
    /// for this HEAD and should be offered again.
    case stored(released: [Record])
    /// It and a record that is here bear one number: the proof against their author is stored
    /// instead, and everything of that start is void.
    case exposed(Record)
    case refused(Refusal)
}
