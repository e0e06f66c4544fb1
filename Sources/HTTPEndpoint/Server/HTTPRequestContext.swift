package import Hummingbird
package import NIOCore

/// What a route knows of its request besides the request itself.
package struct HTTPRequestContext: RequestContext, RemoteAddressRequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The other end of the connection: the client, or a proxy before it.
    package let remoteAddress: SocketAddress?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}

/// Something that answers at paths of its own: JMAP, webmail, DAV, administration.
package protocol RouteContributor: Sendable {
    /// Called once, before the listener starts.
    func addRoutes(to router: Router<HTTPRequestContext>)
}
