/// What came of leaving the cluster.
package struct LeaveReply: Codable, Hashable, Sendable {
    /// The name of the node that left.
    package let name: String
    package let cluster: String
    /// How many endpoints it offered until then.
    package let endpoints: Int
    /// How many living members there were to be told.
    package let told: Int
    /// From the wish until the farewell was on its way.
    package let seconds: Double

    package init(name: String, cluster: String, endpoints: Int, told: Int, seconds: Double) {
        self.name = name
        self.cluster = cluster
        self.endpoints = endpoints
        self.told = told
        self.seconds = Member.toThousandths(seconds)
    }
}
