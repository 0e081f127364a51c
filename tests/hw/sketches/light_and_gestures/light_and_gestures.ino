// Colour, nearness and gestures.
#include <Arduino_APDS9960.h>

void setup() {
  Serial.begin(115200);
  Serial.println(APDS.begin());
}

void loop() {
  static int told = 0;
  int r, g, b, c;
  if (APDS.gestureAvailable()) {
    int gesture = APDS.readGesture();
    Serial.println(gesture == GESTURE_UP ? "up" : gesture == GESTURE_DOWN ? "down" : gesture == GESTURE_LEFT ? "left" : "right");
  }
  if (told == 0 && millis() > 100 && APDS.colorAvailable()) {
    APDS.readColor(r, g, b, c);
    Serial.println(String(r) + " " + g + " " + b + " " + c);
    told = 1;
  }
  if (told == 1 && APDS.proximityAvailable()) {
    Serial.println(APDS.readProximity());
    told = 2;
  }
}
