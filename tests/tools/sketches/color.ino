// The colour sensor's library: colour, proximity, gestures.
#include <Arduino_APDS9960.h>

void setup() {
  Serial.begin(9600);
  if (!APDS.begin()) {
    Serial.println("no sensor");
    while (1) {
    }
  }
  APDS.setGestureSensitivity(80);
  Serial.println(APDS.setLEDBoost(2) ? "ready" : "failed");
}

void loop() {
  int r, g, b, c;
  if (APDS.colorAvailable()) {
    APDS.readColor(r, g, b, c);
    Serial.println(String("color ") + r + " " + g + " " + b + " " + c);
  }
  if (APDS.proximityAvailable()) Serial.println(String("proximity ") + APDS.readProximity());
  if (APDS.gestureAvailable()) {
    int gesture = APDS.readGesture();
    Serial.println(gesture == GESTURE_UP ? "up" : gesture == GESTURE_LEFT ? "left" : "other");
  }
}
