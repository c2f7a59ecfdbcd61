<?php
// The PHP client of OpenAPI Generator.

use Generated\Api\IntegrationsApi;
use Generated\Configuration;
use Generated\ObjectSerializer;

require '/usr/share/php/GuzzleHttp/autoload.php';
spl_autoload_register(function ($class) {
    require 'client/lib/' . strtr(substr($class, strlen('Generated\\')), '\\', '/') . '.php';
});

$configuration = new Configuration();
$configuration->setHost(getenv('OCAMBA_BASE_URL'))->setAccessToken(getenv('OCAMBA_TOKEN'));
$api = new IntegrationsApi(new GuzzleHttp\Client(), $configuration);
$requests = json_decode(file_get_contents('requests.json'));
foreach ($requests as $request) {
    $new = ObjectSerializer::deserialize($request->body, 'Generated\\Model\\' . $request->schema);
    if (!$new->valid() || !$new->getSettings()->valid()) {
        throw new Exception(implode(', ', $new->listInvalidProperties()));
    }
    $api->validateIntegration($new);
    $created = $api->createIntegration($new);
    if ($created->getProviderId() !== $request->body->provider_id) {
        throw new Exception("not created: $created");
    }
}
$page = $api->listIntegrations(page: 1, sort: 'id');
if ($page->getTotal() !== count($requests) || !$page->getItems()[0]->getName()) {
    throw new Exception("not listed: $page");
}
